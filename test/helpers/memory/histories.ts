import fc from 'fast-check'
import type { Migration, Script } from '../../../src/migrations/migration.ts'
import type { DataFunction } from '../../../src/migrations/user-code.ts'
import { migrationOf, referenceOf, scriptOf } from '../migrations/engine.ts'
import type { Mishap } from './memory-session.ts'

/** A statement, or one that fails until its author puts `instead` in its place. */
interface DraftStatement {
  readonly text: string
  readonly instead: readonly string[]
}

export interface Draft {
  /** `database/version` */
  readonly name: string
  readonly form: 'statements' | 'stream' | 'module' | 'repeatable'
  readonly requires: readonly string[]
  readonly statements: readonly DraftStatement[]
}

/** Migrations, in an order in which each comes after what it requires, and what goes wrong in each run. */
export interface History {
  readonly drafts: readonly Draft[]
  readonly runs: readonly (readonly (readonly [number, Mishap])[])[]
  /** Milliseconds that pass at every look at the clock. */
  readonly pace: number
  /** Rows opened in one write, at most. */
  readonly width: number
  /** Which runs send each statement alone, the plain way: what one way began the other must continue. */
  readonly alone: 'none' | 'every' | 'odd' | 'even'
}

interface Choice {
  readonly verb: number
  readonly pick: number
}

/** Makes statements that a server would take: what they name is there. Every text is its own. */
class Author {
  readonly #tables = new Map<string, string[]>()
  #serial = 0

  hasTables(database: string): boolean {
    return (this.#tables.get(database) ?? []).length > 0
  }

  /** Of a name that no other file makes: a plan finds that by itself. */
  writeRefused(verb: string): string {
    this.#serial += 1
    return `FAIL x${this.#serial} ${verb}`
  }

  write(database: string, { verb, pick }: Choice, inserted: boolean): readonly string[] {
    this.#serial += 1
    const number = this.#serial
    const tables = this.#tables.get(database) ?? []
    this.#tables.set(database, tables)
    const table = tables[pick % Math.max(1, tables.length)]
    if (table === undefined || verb === 0) {
      tables.push(`t${number}`)
      return [`CREATE t${number}`]
    }
    const others: readonly (readonly string[])[] = [
      [`ALTER ${table} ${number}`],
      [`INSERT ${table} ${number}`],
      [`INSERT ${table} ${number}`, `INSERT ${table} LAST`],
      [`UPDATE ${table} ${number}`],
      [`CALL ${table} ${number}`],
      [`SET v ${number}`],
      [`ADD v ${number}`],
      [`INSERT ${table} @v`],
      [`UPDATE ${table} @v`],
      [`PREPARE p FROM 'ALTER ${table} ${number}'`, `INSERT ${table} ${number}`, 'EXECUTE p'],
      [`TRUNCATE ${table}`],
      inserted ? [`UPDATE ${table} LAST`] : [`UPDATE ${table} ${number}`],
    ]
    if (verb <= others.length) return others[verb - 1] ?? []
    if (tables.length < 2) return [`ALTER ${table} ${number}`]
    tables.splice(tables.indexOf(table), 1)
    return [`DROP ${table}`]
  }
}

const choice: fc.Arbitrary<Choice> = fc.record({ verb: fc.integer({ min: 0, max: 13 }), pick: fc.nat(9) })

/** Many in a row go together in packets. */
const insertion: fc.Arbitrary<Choice> = fc.record({ verb: fc.constant(2), pick: fc.nat(9) })

const outline = fc.record({
  database: fc.constantFrom('a', 'b', 'c'),
  form: fc.oneof(
    { weight: 6, arbitrary: fc.constant('statements' as const) },
    { weight: 1, arbitrary: fc.constantFrom('stream' as const, 'module' as const, 'repeatable' as const) },
  ),
  requires: fc.array(fc.nat(20), { maxLength: 2 }),
  choices: fc.oneof(
    { weight: 4, arbitrary: fc.array(choice, { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(insertion, { minLength: 3, maxLength: 12 }) },
  ),
  /** Where in it a statement fails, and how; most fail nowhere. */
  failure: fc.option(
    fc.record({
      at: fc.nat(5),
      verb: fc.constantFrom('CREATE', 'ALTER', 'INSERT', 'UPDATE', 'CALL'),
      choices: fc.array(choice, { maxLength: 2 }),
    }),
    {
      freq: 4,
    },
  ),
})

type Outline = typeof outline extends fc.Arbitrary<infer Value> ? Value : never

function draftModule(author: Author, { database, choices }: Outline): readonly DraftStatement[] {
  const data = [{ verb: 2, pick: 0 }, ...choices.map(({ pick }) => ({ verb: 4, pick }))]
  return data.flatMap((one) => author.write(database, one, false)).map((text) => ({ text, instead: [] }))
}

function draftStatements(author: Author, { database, choices, failure }: Outline): readonly DraftStatement[] {
  const statements: DraftStatement[] = []
  const write = (one: Choice): readonly string[] =>
    author.write(
      database,
      one,
      statements.some(({ text }) => /^(INSERT|UPDATE|CALL)/.test(text)),
    )
  for (const [index, one] of choices.entries()) {
    if (failure?.at === index)
      statements.push({ text: author.writeRefused(failure.verb), instead: failure.choices.flatMap(write) })
    statements.push(...write(one).map((text) => ({ text, instead: [] })))
  }
  return statements
}

function draftAll(outlines: readonly Outline[]): readonly Draft[] {
  const author = new Author()
  const drafts: Draft[] = []
  for (const [index, outlined] of outlines.entries()) {
    // A data migration has rows to write, and no table of its own.
    const barren = outlined.form === 'module' && !author.hasTables(outlined.database)
    const one: Outline = barren ? { ...outlined, form: 'statements' } : outlined
    const version = one.form === 'repeatable' ? `R__${index}` : String(index + 1)
    const earlier = drafts.filter((draft) => draft.form !== 'repeatable' && one.form !== 'repeatable')
    const requires = one.requires.flatMap((at) => earlier[at % Math.max(1, earlier.length)]?.name ?? [])
    const statements = one.form === 'module' ? draftModule(author, one) : draftStatements(author, one)
    drafts.push({ name: `${one.database}/${version}`, form: one.form, requires: [...new Set(requires)], statements })
  }
  return drafts
}

const mishaps: fc.Arbitrary<readonly (readonly [number, Mishap])[]> = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.constantFrom<Mishap>('die-before', 'die-during', 'die-after', 'lose-before', 'lose-during', 'lose-after'),
  ),
  { minLength: 1, maxLength: 3 },
)

export const histories: fc.Arbitrary<History> = fc.record({
  drafts: fc.array(outline, { minLength: 1, maxLength: 8 }).map((outlines) => {
    // Repeatable migrations run last, and nothing that runs before them builds on them.
    const last = outlines.filter((one) => one.form === 'repeatable')
    return draftAll([...outlines.filter((one) => one.form !== 'repeatable'), ...last])
  }),
  runs: fc.array(mishaps, { maxLength: 6 }),
  pace: fc.constantFrom(0, 0, 100, 300),
  width: fc.constantFrom(1, 2, 3, 128),
  alone: fc.constantFrom('none', 'none', 'none', 'every', 'odd', 'even'),
})

function toScript({ name, form, statements }: Draft): Script {
  const { database, version } = referenceOf(name)
  const texts = statements.map((statement) => statement.text)
  const script = scriptOf(texts, `migrations/${database}/${version}.sql`)
  if (form === 'module') return { type: 'module', path: `${version}.ts`, run: runModule(texts) }
  if (form !== 'stream' || script.type !== 'statements') return script
  const { statements: all } = script
  const open = async function* () {
    yield* all
  }
  return { type: 'stream', total: all.length, sample: all.slice(0, 1), open }
}

function runModule(texts: readonly string[]): DataFunction {
  return async ({ query }) => {
    for (const sql of texts) for await (const part of query({ sql, bindings: [], options: {} })) void part
  }
}

export function toMigration(draft: Draft): Migration {
  const up = toScript(draft)
  const texts = draft.statements.map((statement) => statement.text).join(';')
  return migrationOf(draft.name, {
    up,
    checksum: texts,
    requires: draft.requires.map(referenceOf),
    ...(draft.form === 'module' ? { kind: 'data' as const } : {}),
  })
}

/** What an author does about a failing statement: puts others in its place, and one more at the end. */
export function repair(draft: Draft): Draft {
  const at = draft.statements.findIndex((statement) => statement.text.startsWith('FAIL'))
  if (at < 0) return draft
  const instead = (draft.statements[at]?.instead ?? []).map((text) => ({ text, instead: [] }))
  return { ...draft, statements: [...draft.statements.slice(0, at), ...instead, ...draft.statements.slice(at + 1)] }
}
