// What a person sees first: what is served, and three lines to try. No IO.

/** `certificate`: the file of it, when `url` is https. */
export function greeting(url: string, kubeconfig: string, workerId: string, certificate?: string): string {
  const curl = certificate === undefined ? 'curl' : `curl --cacert ${certificate}`;
  const call = (path: string, body: object) => `  ${curl} ${url}${path} -d '${JSON.stringify(body)}'`;
  const job = { worker_id: workerId, job_id: 'JOB_ID' };
  return [
    '',
    `Portico serves ${url} on its embedded cluster. Try`,
    '',
    call('/start', { worker_id: workerId, command: 'bash', path: 'worker/scripts/count.sh' }),
    call('/query', job),
    call('/stop', job),
    '',
    'and look at the same with',
    '',
    `  kubectl --kubeconfig ${kubeconfig} get jobs,pods,nodes`,
    '',
    '',
  ].join('\n');
}
