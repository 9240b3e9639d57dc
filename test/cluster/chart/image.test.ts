// What is in Portico's image.
import { expect } from 'chai';
import type { Context } from 'mocha';
import { megabytesOf } from '../images/buildah.ts';
import { porticoImage } from '../images/portico.ts';
import { theClusterWithNode } from '../current.ts';
import { run } from '../inside/processes.ts';

interface ImageConfig {
  config: { User: string; Entrypoint: string[]; Labels: Record<string, string>; Cmd?: string[] };
}

/** A docker-archive: manifest.json names the configuration and the layers, tar files in it. */
async function readImage(archive: string): Promise<{ config: ImageConfig['config']; files: string[] }> {
  const read = (name: string) => run('tar', '--extract', '--to-stdout', `--file=${archive}`, name);
  const [manifest] = JSON.parse(await read('manifest.json')) as [{ Config: string; Layers: string[] }];
  const { config } = JSON.parse(await read(manifest.Config)) as ImageConfig;
  const layers = await Promise.all(
    manifest.Layers.map((layer) =>
      run('sh', '-c', `tar --extract --to-stdout --file="$1" "$2" | tar --list`, 'sh', archive, layer),
    ),
  );
  return { config, files: layers.flatMap((layer) => layer.trim().split('\n')) };
}

describe('Portico’s image', () => {
  let image: Awaited<ReturnType<typeof readImage>>;
  let megabytes: number;
  before(async function (this: Context) {
    this.timeout(0);
    theClusterWithNode(this);
    const archive = await porticoImage();
    megabytes = await megabytesOf(archive);
    image = await readImage(archive);
  });

  it('runs Node itself, as a user that is a number', () => {
    expect(image.config.User).to.match(/^[1-9]\d*:[1-9]\d*$/);
    expect(image.config.Entrypoint[0]).to.equal('node');
    expect(image.config.Cmd ?? []).to.deep.equal([]);
  });

  it('has no shell, no npm, and no types or source maps', () => {
    expect(
      image.files.filter((name) =>
        /(^|\/)(sh|bash|dash|busybox|npm|npx|corepack)$|\.[cm]?ts$|\.map$/.test(name),
      ),
    ).to.deep.equal([]);
    expect(image.files).to.include.members([
      'usr/local/bin/node',
      'app/dist/main.js',
      'app/src/http/page/index.html',
      'app/node_modules/eventsource-parser/dist/index.js',
      'app/LICENSE',
    ]);
  });

  it('has none of what only tests and developers need', () => {
    expect(
      image.files.filter((name) =>
        /^app\/(src\/(?!$|http\/$|http\/page\/)|(test|docs|deploy)\b)|node_modules\/(mocha|typescript|eslint)\//.test(
          name,
        ),
      ),
    ).to.deep.equal([]);
  });

  it('says what it is', () => {
    expect(image.config.Labels).to.include({
      'org.opencontainers.image.title': 'portico',
      'org.opencontainers.image.licenses': 'MIT',
    });
    expect(image.config.Labels['org.opencontainers.image.version']).to.match(/^\d+\.\d+\.\d+/);
  });

  it('is smaller than 200 MB', () => {
    expect(megabytes).to.be.lessThan(200);
  });
});
