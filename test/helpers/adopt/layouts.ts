import { isCompound, type SampleMigration, sample } from './sample.ts'

/** Files of a tool by their names. */
export type Files = Readonly<Record<string, string>>

/** The sample as the files of each tool, with what its users do: a byte order mark, Windows line ends, a missing last semicolon. */
export const layouts: Readonly<Record<string, (migrations: readonly SampleMigration[]) => Files>> = {
  flyway: (migrations) => ({
    ...each(migrations, (one, index) => ({
      [`V${flywayVersion(index)}__${one.name}.sql`]: `${index === 1 ? '\ufeff' : ''}${lineEnds(index, withDelimiters(one.up))}`,
    })),
    'R__user_names.sql': 'CREATE OR REPLACE VIEW user_names AS SELECT id, name FROM users;\n',
  }),
  'golang-migrate': (migrations) =>
    each(migrations, (one, index) => ({
      [`${pad(index + 1, 6)}_${one.name}.up.sql`]: lineEnds(index, whole(one.up)),
      [`${pad(index + 1, 6)}_${one.name}.down.sql`]: whole(one.down),
    })),
}

/** What some layouts have made beside the sample. */
export const extraStatements: Readonly<Record<string, readonly string[]>> = {
  flyway: ['CREATE OR REPLACE VIEW user_names AS SELECT id, name FROM users'],
}

const flywayVersion = (index: number): string => (index < 9 ? `1.${index + 1}` : `2_${index - 8}`)

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}

function each(migrations: readonly SampleMigration[], make: (one: SampleMigration, index: number) => Files): Files {
  return Object.assign({}, ...migrations.map(make))
}

function lineEnds(index: number, text: string): string {
  return index % 5 === 2 ? text.replaceAll('\n', '\r\n') : text
}

/** For tools that send a file as it is. */
function whole(statements: readonly string[]): string {
  return statements.length === 0
    ? '-- nothing to take back\n'
    : `-- written by hand\n${statements.join(';\n')}${statements.length > 1 ? '' : ';\n'}`
}

function withDelimiters(statements: readonly string[]): string {
  const parts = statements.map((one) => (isCompound(one) ? `DELIMITER //\n${one}\n//\nDELIMITER ;` : `${one};`))
  return `${parts.join('\n')}\n`
}

/** The files of a layout for the whole sample. */
export function filesOf(tool: string): Files {
  const layout = layouts[tool]
  if (layout === undefined) throw new Error(`the sample has no layout for ${tool}`)
  return layout(sample)
}
