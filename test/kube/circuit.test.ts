import { expect } from 'chai';
import { CircuitBreaker } from '../../src/kube/guards/circuit-breaker.ts';

describe('a circuit', () => {
  let circuit: CircuitBreaker;
  beforeEach(() => {
    circuit = new CircuitBreaker(() => 0.5);
  });
  const fail = (nowMs: number, times = 1) => {
    for (let time = 0; time < times; time++) circuit.failed(nowMs);
  };

  it('lets all go while answers come, and after one failure alone', () => {
    fail(0);
    expect(circuit.ask(0)).to.equal('go');
    circuit.answered();
    fail(1);
    expect(circuit.ask(1)).to.equal('go');
  });

  it('lets none go for a while after failures in a row, then one to see', () => {
    fail(0, 2);
    expect(circuit.ask(0)).to.deep.equal({ waitMs: 1_500 });
    expect(circuit.ask(1_499)).to.deep.equal({ waitMs: 1 });
    expect(circuit.ask(1_500)).to.equal('go');
    expect(circuit.ask(1_500)).to.have.key('waitMs');
  });

  it('is closed by the first answer', () => {
    fail(0, 2);
    circuit.ask(1_500);
    circuit.answered();
    expect([circuit.ask(1_500), circuit.ask(1_500)]).to.deep.equal(['go', 'go']);
  });

  it('rests longer after each probe that failed, up to a limit', () => {
    fail(0, 2);
    let nowMs = 0;
    const rests: number[] = [];
    for (let probe = 0; probe < 6; probe++) {
      const passage = circuit.ask(nowMs);
      if (passage === 'go') throw new Error('expected to have to wait');
      rests.push(passage.waitMs);
      nowMs += passage.waitMs;
      expect(circuit.ask(nowMs)).to.equal('go');
      fail(nowMs);
    }
    expect(rests).to.deep.equal([1_500, 3_000, 6_000, 7_500, 7_500, 7_500]);
  });

  it('takes the failures of calls that were sent before it opened for one', () => {
    fail(0, 30);
    expect(circuit.ask(0)).to.deep.equal({ waitMs: 1_500 });
  });

  it('sends another probe when the first one never comes back', () => {
    fail(0, 2);
    expect(circuit.ask(1_500)).to.equal('go');
    expect(circuit.ask(11_499)).to.have.key('waitMs');
    expect(circuit.ask(11_500)).to.equal('go');
  });
});
