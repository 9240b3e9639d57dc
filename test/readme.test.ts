import { expect } from 'chai';
import { readme, settingsTable } from './support/readme.ts';
import { TemplateError, parseTemplate } from '../src/jobs/template.ts';

describe('the README', () => {
  it('lists the settings as they are', async () => {
    expect(await readme()).to.include(settingsTable());
  });

  it('shows a Job template that is accepted', async () => {
    const [, yaml] = /```yaml\n([^`]*)```/.exec(await readme()) ?? [];
    expect(() => parseTemplate(yaml ?? '', 'portico.dev/worker-id')).to.not.throw(TemplateError);
  });
});
