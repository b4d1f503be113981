import { cloneIndex, explainClone, listRunningSnapshots, readClone } from './driver-clone.ts'
import { compareSample, removeSurplus, repairWindow } from './driver-compare.ts'
import {
  allowWrites,
  blockWrites,
  countDocuments,
  createCopy,
  leaveAlias,
  listIndices,
  readCheckpoint,
  readLastWrites,
  readLiveIndex,
  readSize,
  takePlace,
} from './driver-copy.ts'
import { readMoves, writeMoves } from './driver-moves.ts'
import type { Requests } from './driver-requests.ts'
import { cancelTask, listTasks, readTask, startTask } from './driver-task.ts'
import type { CopyDriver } from './reindex-ports.ts'

/** The requests of a reindex over one connection. */
export function copyDriver(requests: Requests): CopyDriver {
  return {
    readMoves: (prefix, names) => readMoves(requests, prefix, names),
    writeMoves: (prefix, name, moves) => writeMoves(requests, prefix, name, moves),
    createCopy: (index, content, id) => createCopy(requests, index, content, id),
    readIndex: (index) => readLiveIndex(requests, index),
    listIndices: (series) => listIndices(requests, series),
    count: (index, from) => countDocuments(requests, index, from),
    sizeOf: (index) => readSize(requests, index),
    readCheckpoint: (index) => readCheckpoint(requests, index),
    start: (request) => startTask(requests, request),
    readTask: (task) => readTask(requests, task),
    listTasks: (copy) => listTasks(requests, copy),
    cancelTask: (task) => cancelTask(requests, task),
    blockWrites: (index) => blockWrites(requests, index),
    allowWrites: (index) => allowWrites(requests, index),
    readLastWrites: (index) => readLastWrites(requests, index),
    cloneIndex: (source, clone, mark) => cloneIndex(requests, source, clone, mark),
    readClone: (clone) => readClone(requests, clone),
    explainClone: (clone, shard) => explainClone(requests, clone, shard),
    listRunningSnapshots: (index) => listRunningSnapshots(requests, index),
    repairWindow: (window) => repairWindow(requests, window),
    removeSurplus: (surplus) => removeSurplus(requests, surplus),
    compareSample: (source, copy, size) => compareSample(requests, source, copy, size),
    leaveAlias: (series, source, into) => leaveAlias(requests, series, source, into),
    takePlace: (series, source, copy) => takePlace(requests, series, source, copy),
  }
}
