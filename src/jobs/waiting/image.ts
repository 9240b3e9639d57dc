// Why an image is not there, as a sentence. No IO.
// Reasons: k8s.io/kubernetes/pkg/kubelet/images/types.go; what follows them is the container runtime's and the registry's own.

const REASONS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

export const isAboutImage = (reason: string): boolean => REASONS.includes(reason);

/** `messages`: what the kubelet says, the likelier to say why first. */
export function imageSentence(
  image: string,
  reason: string,
  messages: readonly (string | undefined)[],
): string {
  if (reason === 'InvalidImageName') return `image name ${image} is not valid`;
  if (reason === 'ErrImageNeverPull') return `image ${image} is not on its node, and is not to be pulled`;
  const [cause = reason] = messages.map((message) => causeIn(message ?? '')).filter((text) => text !== '');
  if (/\b(?:denied|unauthorized|authorization failed|forbidden)\b/i.test(cause)) {
    return `image ${image} cannot be pulled: access denied`;
  }
  if (/\bnot found\b|\bmanifest unknown\b|\bNotFound\b/.test(cause)) return `image ${image} not found`;
  return `image ${image} cannot be pulled: ${cause}`;
}

/** Without what is around it: 'Back-off pulling image "x": ErrImagePull: failed to resolve reference "x": CAUSE'. */
const causeIn = (message: string): string =>
  message
    .replace(/^(?:Back-off pulling|Failed to pull) image "[^"]*"(?:: )?/, '')
    .replace(/^ErrImagePull: /, '')
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replace(/^failed to pull and unpack image "[^"]*": /, '')
    .replace(/^failed to resolve reference "[^"]*": /, '');
