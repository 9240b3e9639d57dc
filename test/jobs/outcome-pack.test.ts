// Which outcome records go together into one ConfigMap, and what is read from it again.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  fitting,
  PACK_BYTES,
  PACK_ENTRIES,
  packData,
  packExpiry,
  packName,
  packOf,
  seenPack,
} from '../../src/jobs/records/outcome-pack.ts';
import { outcomeRecordOf, type OutcomeRecord } from '../../src/jobs/records/outcome-record.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import type { ConfigMap } from '../../src/kube/wire.ts';
import { jobOf } from '../support/jobs.ts';

const HOUR_MS = 3_600_000;
const CREATED = '2030-01-01T00:00:00Z';
const AT = '2030-01-01T00:00:10Z';

const record = (number: number, log?: string): OutcomeRecord => ({
  ...outcomeRecordOf(
    jobOf({
      name: `job-${String(number)}`,
      creationTimestamp: CREATED,
      annotations: { 'portico.dev/fingerprint': 'f00d' },
    }),
    {
      ...stoppedOutcome(AT),
      ...(log === undefined ? {} : { log }),
    },
  ),
});
const records = (count: number, log?: string) =>
  Array.from({ length: count }, (_, index) => record(index, log));

/** As the API server gives it back. */
const stored = (...parts: Parameters<typeof packOf>): ConfigMap => {
  const pack = packOf(...parts);
  return { ...pack, metadata: { ...pack.metadata, uid: 'pack-uid', resourceVersion: '7' } };
};

describe('a pack of outcome records', () => {
  it('is known by its name, and stays until the time in it, whatever somebody has made of its labels and annotations', () => {
    const name = packName(HOUR_MS, 'a1b2');
    const seen = (metadata: object) => {
      const pack = stored(name, 'portico', HOUR_MS, [record(1)]);
      return seenPack({ ...pack, metadata: { ...pack.metadata, ...metadata } });
    };
    const annotations = { 'portico.dev/expires-at': '2020-01-01T00:00:00Z' };
    for (const metadata of [{}, { labels: {}, annotations: {} }, { annotations }])
      expect(seen(metadata)).to.include({ name, expiresAtMs: HOUR_MS });
    expect(seen({ name: 'kube-root-ca.crt', labels: {} })).to.equal(undefined);
  });

  it('gives back what was put into it: how each job ended, its uid, worker, fingerprint and times', () => {
    const seen = seenPack(stored('pack', 'portico', HOUR_MS, [record(1)]));
    expect(seen).to.deep.include({
      name: 'pack',
      uid: 'pack-uid',
      resourceVersion: '7',
      expiresAtMs: HOUR_MS,
      entries: 1,
    });
    expect(seen?.records).to.deep.equal([
      {
        jobName: 'job-1',
        record: {
          name: 'job-1',
          uid: 'job-uid',
          workerId: 'local',
          state: 'stopped',
          errorText: 'signal: killed',
          createdAt: Date.parse(CREATED) / 1000,
          finishedAt: Date.parse(AT) / 1000,
        },
        fingerprint: 'f00d',
      },
    ]);
  });

  it('takes so many records and no more', () => {
    expect(fitting(undefined, records(100))).to.have.length(PACK_ENTRIES);
    const pack = seenPack(stored('pack', 'portico', HOUR_MS, records(60)));
    expect(fitting(pack, records(100)).map(({ jobName }) => jobName)).to.deep.equal([
      'job-0',
      'job-1',
      'job-2',
      'job-3',
    ]);
  });

  it('never grows beyond its size, whatever the logs in it, but takes one record of any size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ maxLength: 2048, unit: 'binary' }), { minLength: 1, maxLength: 40 }), {
          maxLength: 8,
        }),
        (batches) => {
          let all: OutcomeRecord[] = [];
          for (const [number, logs] of batches.entries()) {
            const pack = all.length ? seenPack(stored('pack', 'portico', HOUR_MS, all)) : undefined;
            const batch = logs.map((log, index) => record(number * 100 + index, log));
            const fits = fitting(pack, batch);
            if (!pack) expect(fits.length).to.be.greaterThan(0);
            all = [...all, ...fits];
          }
          const { entries = 0, bytes = 0 } = seenPack(stored('pack', 'portico', HOUR_MS, all)) ?? {};
          expect(entries).to.be.at.most(PACK_ENTRIES);
          if (entries > 1) expect(bytes).to.be.at.most(PACK_BYTES);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('counts its size as the API server does', () => {
    const pack = stored('pack', 'portico', HOUR_MS, records(3, 'ü€'));
    const size = Object.entries(pack.data ?? {}).reduce(
      (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
      0,
    );
    expect(seenPack(pack)?.bytes).to.equal(size);
  });

  it('goes when the retention of all in it is over, and not much later', () => {
    fc.assert(
      fc.property(fc.nat(4e12), fc.integer({ min: 1, max: 30 * 24 * HOUR_MS }), (endedMs, retentionMs) => {
        const late = packExpiry(endedMs, retentionMs) - (endedMs + retentionMs);
        expect(late).to.be.at.least(0);
        expect(late).to.be.at.most(Math.max(retentionMs / 24, 1000) + 1);
      }),
    );
  });

  it('is the same for jobs that end one after the other, so that they share one', () => {
    const noon = Date.parse('2030-01-01T12:00:00Z');
    const packs = new Set(
      Array.from({ length: 3600 }, (_, second) => packExpiry(noon + second * 1000, 24 * HOUR_MS)),
    );
    expect(packs.size).to.equal(2);
  });

  it('passes over what is no record, and is no pack without its time', () => {
    const pack = stored('pack', 'portico', HOUR_MS, [record(1)]);
    const strange = { a: '', b: '{', c: '{"outcome":{"state":"odd"}}', d: 'null', __proto__x: '7' };
    expect(seenPack({ ...pack, data: { ...strange, ...packData([record(2)]) } })?.records).to.have.length(1);
    expect(seenPack({ ...pack, metadata: { ...pack.metadata, annotations: {} } })).to.equal(undefined);
    expect(seenPack({})).to.equal(undefined);
  });
});
