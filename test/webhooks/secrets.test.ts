import { expect } from 'chai';
import { readSecrets, SecretError } from '../../src/webhooks/secrets.ts';
import { temporaryFolder } from '../kube/support/temporary-folder.ts';
import { SECRET } from '../support/receiver.ts';

const of = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

describe('the secrets of webhooks', () => {
  const folder = temporaryFolder();
  const refusal = async (text: string) => {
    const error: unknown = await readSecrets(folder.write('secret', text)).catch((error: unknown) => error);
    expect(error).to.be.instanceOf(SecretError);
    return (error as Error).message;
  };

  it('are one a line, with blanks around them or not', async () => {
    expect(await readSecrets(folder.write('secret', `\n  ${SECRET}\r\n${of(64)}\n\n`))).to.have.length(2);
    expect(await readSecrets(folder.write('secret', of(24)))).to.have.length(1);
  });

  it('are refused by line, without being shown', async () => {
    for (const wrong of ['password', of(23), of(65), 'whsec_!!!!', SECRET.slice(6), `${SECRET}*`]) {
      const message = await refusal(`${SECRET}\n${wrong}\n`);
      expect(message).to.include('line 2').and.not.include(wrong.slice(-8));
    }
  });

  it('have to be there', async () => {
    expect(await refusal('\n')).to.include('got nothing');
    const error: unknown = await readSecrets('/does/not/exist').catch((error: unknown) => error);
    expect((error as Error).message).to.match(/^cannot read the webhook secrets: ENOENT/);
  });
});
