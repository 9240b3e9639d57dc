import { expect } from 'chai';
import { parseTemplate } from '../src/jobs/template/job-template.ts';
import { exampleIn, page, settingsTable } from './support/pages.ts';

describe('README and reference', () => {
  it('list the settings as they are', async () => {
    expect(await page('docs/reference/settings.md')).to.include(
      `-->\n\n${settingsTable()}\n\n<!-- /settings -->`,
    );
  });

  it('show a Job template that is accepted', async () => {
    const yaml = await exampleIn('docs/guides/install.md', 'yaml', 'apiVersion: batch/v1');
    expect(parseTemplate(yaml, 'portico.dev/worker-id').container.image).to.equal(
      'registry.example/worker:1',
    );
  });

  it('are read in two minutes', async () => {
    expect((await page('README.md')).split(/\s+/).length).to.be.below(1_000);
  });
});
