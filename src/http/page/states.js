// The states of a job, in the order of its life.

/** @typedef {import('../../client/types.ts').JobState} JobState */

/** @type {readonly JobState[]} */
export const STATES = ['pending', 'running', 'stopping', 'succeeded', 'failed', 'stopped'];

/** @param {JobState} state */
export const isOver = (state) => STATES.indexOf(state) >= STATES.indexOf('succeeded');
