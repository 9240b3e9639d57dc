// How jobs end by themselves and by /stop, where only real processes in real containers show it.
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { sideBySide } from './side-by-side.ts';
import {
  failedWith,
  jobAndPod,
  LOOP,
  NOTHING_BUT_ITS_RECORD,
  RUNNING,
  STOPPED,
  STUBBORN,
  SUCCEEDED,
  Tenant,
  whenTold,
} from './tenant.ts';

/** What the kubelet keeps of the end of a log. */
const LOG_TAIL_BYTES = 2048;

describe('the end of a job', () => {
  let tenant: Tenant;
  before(async function () {
    tenant = await Tenant.start(this);
  });
  after(() => tenant?.stop());

  sideBySide({
    'a script that ignores SIGTERM is stopped when it is killed, and not before': async () => {
      const jobId = await tenant.begun(STUBBORN);
      expect(await tenant.stopJob(jobId)).to.deep.equal({ success: true });
      await tenant.untilKilled(jobId);
      expect(await tenant.outcome(jobId)).to.deep.equal(STOPPED);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
    },

    'a script that cleans up on SIGTERM and exits with 0 was stopped all the same': async () => {
      const jobId = await tenant.begun('trap "exit 0" TERM; echo begun; while :; do sleep 0.1; done');
      await tenant.stopJob(jobId);
      expect(await tenant.outcome(jobId)).to.deep.equal(STOPPED);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
    },

    'a job that is stopped before its container runs never runs': async () => {
      const jobId = await tenant.portico.bash(LOOP);
      await tenant.stopJob(jobId);
      expect(await tenant.outcome(jobId)).to.deep.equal(STOPPED);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
    },

    'a daemon that a script leaves behind does not outlive it': async () => {
      const mark = randomUUID();
      const jobId = await tenant.begun(`${daemon(mark)} ${whenTold('exit 0')}`);
      expect(processesWith(mark)).to.be.above(0);
      expect(await tenant.query(jobId)).to.deep.equal(RUNNING);
      await tenant.tell(jobId);
      expect(await tenant.outcome(jobId)).to.deep.equal(SUCCEEDED);
      expect(processesWith(mark)).to.equal(0);
      expect(await tenant.remains(jobId)).to.deep.equal(jobAndPod('Succeeded'));
    },

    'a daemon that ignores SIGTERM is gone when its job is said to be stopped': async () => {
      const mark = randomUUID();
      const jobId = await tenant.begun(`${daemon(mark)} echo begun; wait; sleep 600`);
      expect(processesWith(mark)).to.be.above(0);
      await tenant.stopJob(jobId);
      expect(await tenant.outcome(jobId)).to.deep.equal(STOPPED);
      expect(processesWith(mark)).to.equal(0);
      expect(await tenant.remains(jobId)).to.deep.equal(NOTHING_BUT_ITS_RECORD);
    },

    'two thousand lines are in the log, and their end in the outcome': async () => {
      const jobId = await tenant.portico.bash('for i in $(seq 2000); do echo "line $i ü"; done; exit 3');
      expect(await tenant.outcome(jobId)).to.deep.equal(failedWith('exit status 3'));
      const printed = Array.from({ length: 2000 }, (_, i) => `line ${String(i + 1)} ü\n`).join('');
      expect(await tenant.kubectl('logs', `job/${jobId}`)).to.equal(printed);
      const log = (await tenant.recordedOutcome(jobId))['log'] as string;
      expect(printed.endsWith(log)).to.equal(true);
      expect(Buffer.byteLength(log)).to.be.within(1, LOG_TAIL_BYTES);
      expect(await tenant.remains(jobId)).to.deep.equal(jobAndPod('Failed'));
    },

    'bytes that are no text, in a log without an end of line, harm nothing': async () => {
      const jobId = await tenant.portico.bash('printf "\\xff\\xfe\\x00 %.0s" $(seq 2000); exit 4');
      expect(await tenant.outcome(jobId)).to.deep.equal(failedWith('exit status 4'));
      expect(await tenant.recordedOutcome(jobId)).to.include({ exitCode: 4, reason: 'Error' });
      expect(await tenant.remains(jobId)).to.deep.equal(jobAndPod('Failed'));
    },
  });
});

/**
 * Out of its session and its process group, deaf, and to be found by a word on its command line. The script that starts it goes on
 * when it runs.
 */
const daemon = (mark: string): string =>
  `setsid bash -c 'trap "" TERM HUP; touch "/tmp/$0"; while :; do sleep 0.1; done' ${mark} < /dev/null > /dev/null 2>&1 & ` +
  `until [ -e /tmp/${mark} ]; do sleep 0.1; done;`;

/**
 * A container's processes are this machine's, too. Its own script has the mark within a longer word; what the daemon has just
 * forked has it, too.
 */
function processesWith(mark: string): number {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(mark)).length;
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It has ended.
    return [];
  }
}
