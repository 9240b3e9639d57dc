// Whether a machine was quiet enough for a figure to mean anything: told from work that is always the same, and from the time that
// others took. No IO.
import { percentileOf } from './spread.ts';

export interface Noise {
  /** How much longer the same work took at times: its slow end (three of four were faster) over its fast end (one of ten was). */
  unsteady: number;
  /** The share of the processors' time that was taken away from this machine, from 0 to 1. */
  stolen: number;
  /** The share of their time that went to processes that are not of this run, from 0 to 1. */
  others: number;
  /** Why no figure of that time means much; empty when it was quiet. */
  reasons: string[];
}

/** Of all processors together, in any unit. */
export interface ProcessorTime {
  total: number;
  idle: number;
  stolen: number;
}

const MOST_UNSTEADY = 1.25;
const MOST_STOLEN = 0.05;
const MOST_OTHERS = 0.1;

/**
 * @param works how long the same work took, each time
 * @param whole what passed of the processors' time meanwhile
 * @param calm what of it passed while this run did nothing
 */
export function noiseOf(works: readonly number[], whole: ProcessorTime, calm: ProcessorTime): Noise {
  const unsteady = percentileOf(works, 0.75) / percentileOf(works, 0.1);
  const stolen = whole.stolen / Math.max(whole.total, 1);
  const others = calm.total === 0 ? 0 : 1 - (calm.idle + calm.stolen) / calm.total;
  const percent = (part: number) => `${(part * 100).toFixed(0)} %`;
  const reasons = [
    unsteady > MOST_UNSTEADY && `the same work took ${unsteady.toFixed(2)} times as long at times`,
    stolen > MOST_STOLEN && `${percent(stolen)} of the processors was taken away`,
    others > MOST_OTHERS && `other processes took ${percent(others)} of the processors`,
  ].filter((reason) => reason !== false);
  return { unsteady, stolen, others, reasons };
}
