// @ts-check
/** All cases, in the order in which they are shown. */
import browser from './browser.js';
import driverCalls from './driver-calls.js';
import exportStream from './export-stream.js';
import exports from './exports.js';
import firstSpawn from './first-spawn.js';
import growth from './growth.js';
import idleProcess from './idle-process.js';
import ledger from './ledger.js';
import loopDelay from './loop-delay.js';
import memory from './memory.js';
import openOperations from './open-operations.js';
import operation from './operation.js';
import operationAgainstHistogram from './operation-against-histogram.js';
import operationWritten from './operation-written.js';
import playwrightBrowser from './playwright-browser.js';
import playwrightCalls from './playwright-calls.js';
import report from './report.js';
import selectors from './selectors.js';
import shipBacklog from './ship-backlog.js';
import shipChild from './ship-child.js';
import shipLoopDelay from './ship-loop-delay.js';
import shipMemory from './ship-memory.js';
import shipSustained from './ship-sustained.js';
import spawns from './spawns.js';
import transcript from './transcript.js';
import tree from './tree.js';
import treeOfPeers from './tree-of-peers.js';

/** @type {readonly import('../harness/case.js').Case[]} */
export const cases = [
  operation,
  operationAgainstHistogram,
  operationWritten,
  idleProcess,
  firstSpawn,
  spawns,
  memory,
  tree,
  treeOfPeers,
  openOperations,
  selectors,
  playwrightCalls,
  browser,
  driverCalls,
  playwrightBrowser,
  shipBacklog,
  shipChild,
  shipLoopDelay,
  shipMemory,
  shipSustained,
  ledger,
  exports,
  exportStream,
  transcript,
  report,
  loopDelay,
  growth,
];
