import { readGrant, readRevoke } from './accounts.ts'
import { readAlter } from './alter.ts'
import { readCreate } from './create.ts'
import { readDrop, readRename, readTruncate } from './drop.ts'
import type { StatementReader } from './facts.ts'
import { readCache, readFlush, readImport, readInstall, readReset, readTableMaintenance } from './maintenance.ts'
import { readOneName } from './names.ts'
import { readDeallocate, readExecute, readPrepare } from './prepared.ts'
import { readQuery, readWith } from './queries.ts'
import { refusedReaders } from './refusals.ts'
import { readSet } from './settings.ts'
import { readDelete, readInsert, readLoad, readUpdate } from './writes.ts'

const looking = ['SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'HELP', 'SIGNAL', 'RESIGNAL']
const tableMaintenance = ['ANALYZE', 'OPTIMIZE', 'CHECK', 'CHECKSUM', 'REPAIR']
const queries = ['SELECT', 'TABLE', 'VALUES']

/** Every statement's first word, and who reads on from there. */
export const readers: ReadonlyMap<string, StatementReader> = new Map<string, StatementReader>([
  ...Object.entries(refusedReaders),
  ...looking.map((verb): [string, StatementReader] => [verb, () => ({ class: 'maintenance', verb })]),
  ...tableMaintenance.map((verb): [string, StatementReader] => [verb, (cursor) => readTableMaintenance(cursor, verb)]),
  ...queries.map((verb): [string, StatementReader] => [verb, (cursor) => readQuery(cursor, verb)]),
  ['ALTER', readAlter],
  ['CACHE', readCache],
  ['CALL', (cursor) => ({ class: 'call', verb: 'CALL', objects: readOneName(cursor, 'procedure') })],
  ['CREATE', readCreate],
  ['DEALLOCATE', readDeallocate],
  ['DELETE', readDelete],
  ['DO', () => ({ class: 'data', verb: 'DO' })],
  ['DROP', readDrop],
  ['EXECUTE', readExecute],
  ['FLUSH', readFlush],
  ['GET', () => ({ class: 'session', verb: 'GET DIAGNOSTICS' })],
  ['GRANT', readGrant],
  ['IMPORT', readImport],
  ['INSERT', (cursor) => readInsert(cursor, 'INSERT')],
  ['INSTALL', (cursor) => readInstall(cursor, 'INSTALL')],
  ['LOAD', readLoad],
  ['PREPARE', readPrepare],
  ['RENAME', readRename],
  ['REPLACE', (cursor) => readInsert(cursor, 'REPLACE')],
  ['RESET', readReset],
  ['REVOKE', readRevoke],
  ['SET', readSet],
  ['TRUNCATE', readTruncate],
  ['UNINSTALL', (cursor) => readInstall(cursor, 'UNINSTALL')],
  ['UPDATE', readUpdate],
  ['WITH', readWith],
])
