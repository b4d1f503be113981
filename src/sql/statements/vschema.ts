import type { ObjectName } from '../statement.ts'
import { type Findings, readName, readOneName, type TokenCursor } from './token-cursor.ts'

const definition = (verb: string, objects: readonly ObjectName[]): Findings => ({ class: 'definition', verb, objects })

/** ALTER VSCHEMA of Vitess, after these words: vtgate carries it out, and no MySQL server does. Null for what vtgate does not know. */
export function readAlterVschema(cursor: TokenCursor): Findings | null {
  const named = (verb: string, type: 'vschema' | 'vindex'): Findings =>
    definition(`ALTER VSCHEMA ${verb}`, readOneName(cursor, type))
  if (cursor.accept('CREATE', 'VINDEX')) return named('CREATE VINDEX', 'vindex')
  if (cursor.accept('DROP', 'VINDEX')) return named('DROP VINDEX', 'vindex')
  for (const verb of ['ADD', 'DROP'])
    for (const kind of ['TABLE', 'SEQUENCE']) if (cursor.accept(verb, kind)) return named(`${verb} ${kind}`, 'vschema')
  return cursor.accept('ON') ? readOfTable(cursor) : null
}

function readOfTable(cursor: TokenCursor): Findings | null {
  const table = readName(cursor, 'vschema')
  if (table === null) return null
  for (const verb of ['ADD', 'DROP']) {
    if (cursor.accept(verb, 'AUTO_INCREMENT')) return definition(`ALTER VSCHEMA ${verb} AUTO_INCREMENT`, [table])
    if (!cursor.accept(verb, 'VINDEX')) continue
    // ADD VINDEX also makes the vindex where there is none of the name.
    const vindex = verb === 'ADD' ? readOneName(cursor, 'vindex') : []
    const own = vindex.map((one) => ({ ...one, schema: one.schema ?? table.schema }))
    return definition(`ALTER VSCHEMA ${verb} VINDEX`, [table, ...own])
  }
  return null
}

/** Whether a statement changes the VSchema of a keyspace. */
export const isVschemaVerb = (verb: string): boolean => verb.startsWith('ALTER VSCHEMA ')
