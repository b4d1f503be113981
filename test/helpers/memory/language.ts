import { createHash } from 'node:crypto'
import type { ObjectName, Statement, StatementClass, StatementFacts } from '../../../src/sql/statement.ts'

/**
 * The tiny language of the memory server. One statement does one thing, and its text says which:
 *
 * - `CREATE t`, `ALTER t 7`, `DROP t`, `TRUNCATE t`, `RENAME t u`: definitions, committed at once
 * - `INSERT t 7`, `INSERT t @v`, `INSERT t LAST`: a row, uncommitted; a quick write. `UPDATE` is the same, and is not quick
 * - `CALL t 7`: a row in the caller's transaction; `CALL t 7 COMMITS`: a procedure that commits on its own
 * - `SET v 7`, `ADD v 7`: a user variable; `PREPARE p FROM 'ALTER t 7'`, `EXECUTE p`
 * - `FAIL t ALTER`, `FAIL t INSERT`, ...: what the last word says, refused by the server
 */
const forms: Readonly<Record<string, { readonly verb: string; readonly class: StatementClass }>> = {
  CREATE: { verb: 'CREATE TABLE', class: 'definition' },
  ALTER: { verb: 'ALTER TABLE', class: 'definition' },
  DROP: { verb: 'DROP TABLE', class: 'definition' },
  TRUNCATE: { verb: 'TRUNCATE TABLE', class: 'definition' },
  RENAME: { verb: 'RENAME TABLE', class: 'definition' },
  INSERT: { verb: 'INSERT', class: 'data' },
  UPDATE: { verb: 'UPDATE', class: 'data' },
  CALL: { verb: 'CALL', class: 'call' },
  SET: { verb: 'SET', class: 'session' },
  ADD: { verb: 'SET', class: 'session' },
  PREPARE: { verb: 'PREPARE', class: 'session' },
  EXECUTE: { verb: 'EXECUTE', class: 'execute' },
}

const table = (name: string): ObjectName => ({ type: 'table', schema: null, name })

function formOf(words: readonly string[]): { readonly verb: string; readonly class: StatementClass } {
  const verb = words[0] === 'FAIL' ? words[2] : words[0]
  const form = forms[verb ?? '']
  if (form === undefined) throw new Error(`the tiny language has no ${verb}`)
  return form
}

function objectsOf(words: readonly string[]): readonly ObjectName[] {
  const [verb, first, second] = words
  if (first === undefined || ['SET', 'ADD', 'PREPARE', 'EXECUTE', 'CALL'].includes(verb ?? '')) return []
  return verb === 'RENAME' && second !== undefined ? [table(first), table(second)] : [table(first)]
}

/** What the classifier would say of a text of the tiny language. */
export function tinyFacts(text: string): StatementFacts {
  const words = text.split(' ')
  const [verb, first] = words
  const assigned = (verb === 'SET' || verb === 'ADD') && first !== undefined ? [first] : []
  const mentioned = words.filter((word) => word.startsWith('@')).map((word) => word.slice(1))
  return {
    ...formOf(words),
    objects: objectsOf(words),
    references: [],
    userVariables: [...assigned, ...mentioned],
    sessionVariables: [],
    prepared: (verb === 'PREPARE' || verb === 'EXECUTE') && first !== undefined ? first : null,
    refusal: null,
    idempotent: false,
  }
}

/** A statement as a file of the tiny language would hold it. */
export function tinyStatement(text: string, index: number, file = 'migrations/app/1_test.sql'): Statement {
  const hash = createHash('sha256').update(text).digest('hex')
  return { ...tinyFacts(text), text, file, line: index + 1, column: 1, index, hash }
}
