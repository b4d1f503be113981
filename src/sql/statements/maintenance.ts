import type { Findings } from './facts.ts'
import { readNames } from './names.ts'
import { lockingRefusal, serverRefusal } from './refusals.ts'
import type { TokenCursor } from './token-cursor.ts'

const logWords = new Set(['NO_WRITE_TO_BINLOG', 'LOCAL'])

/** ANALYZE, OPTIMIZE, CHECK, CHECKSUM and REPAIR TABLE, after the first word. */
export function readTableMaintenance(cursor: TokenCursor, verb: string): Findings | null {
  cursor.skipWords(logWords)
  if (!cursor.accept('TABLE') && !cursor.accept('TABLES')) return null
  return { class: 'maintenance', verb: `${verb} TABLE`, objects: readNames(cursor, 'table') }
}

/** FLUSH, after that word. With a read lock or for export it holds tables as LOCK TABLES does. */
export function readFlush(cursor: TokenCursor): Findings {
  cursor.skipWords(logWords)
  const ofTables = cursor.keyword() === 'TABLE' || cursor.keyword() === 'TABLES'
  const locks =
    ofTables && cursor.skipUntil(() => cursor.accept('WITH', 'READ', 'LOCK') || cursor.accept('FOR', 'EXPORT'))
  return locks ? lockingRefusal('FLUSH TABLES') : { class: 'maintenance', verb: 'FLUSH' }
}

/** RESET, after that word: RESET PERSIST is a setting, the others belong to replication. */
export function readReset(cursor: TokenCursor): Findings {
  if (cursor.accept('PERSIST')) return { class: 'maintenance', verb: 'RESET PERSIST' }
  return serverRefusal('RESET')
}

/** INSTALL and UNINSTALL of a plugin or component: lasting, and in no table that statements' objects are looked up in. */
export function readInstall(cursor: TokenCursor, verb: string): Findings | null {
  const kind = cursor.keyword()
  return kind === 'PLUGIN' || kind === 'COMPONENT' ? { class: 'definition', verb: `${verb} ${kind}` } : null
}

/** IMPORT TABLE FROM files: which tables they hold is not in the text. */
export function readImport(cursor: TokenCursor): Findings | null {
  return cursor.accept('TABLE') ? { class: 'definition', verb: 'IMPORT TABLE' } : null
}

/** CACHE INDEX. */
export function readCache(cursor: TokenCursor): Findings | null {
  return cursor.accept('INDEX') ? { class: 'maintenance', verb: 'CACHE INDEX' } : null
}
