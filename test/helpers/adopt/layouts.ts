import { isCompound, type SampleMigration, sample } from './sample.ts'

/** Files of a tool by their names. */
type Files = Readonly<Record<string, string>>

const times = sample.map((_, index) => `202401${pad(index + 1, 2)}093000`)
const moments = sample.map((_, index) => Date.UTC(2024, 0, index + 1, 9, 30))

/** The sample as the files of each tool whose migrations are SQL, with what its users do: a byte order mark, Windows line ends, a missing last semicolon. */
export const layouts: Readonly<Record<string, () => Files>> = {
  flyway: () => ({
    ...each((one, index) => ({
      [`V${flywayVersion(index)}__${one.name}.sql`]: `${index === 1 ? '\ufeff' : ''}${lineEnds(index, withDelimiters(one.up))}`,
    })),
    'R__user_names.sql': 'CREATE OR REPLACE VIEW user_names AS SELECT id, name FROM users;\n',
  }),
  liquibase: () => ({
    'root.yaml': 'databaseChangeLog:\n  - include:\n      file: zz/first.sql\n  - include:\n      file: later.sql\n',
    'zz/first.sql': changesets(sample.slice(0, 10)),
    'later.sql': changesets(sample.slice(10)),
  }),
  'golang-migrate': () =>
    each((one, index) => ({
      [`${pad(index + 1, 6)}_${one.name}.up.sql`]: lineEnds(index, whole(one.up)),
      [`${pad(index + 1, 6)}_${one.name}.down.sql`]: whole(one.down),
    })),
  goose: () =>
    each((one, index) => {
      const part = (statements: readonly string[]) =>
        statements
          .map((text) =>
            isCompound(text) || text.includes(' -- ')
              ? `-- +goose StatementBegin\n${text};\n-- +goose StatementEnd`
              : `${text};`,
          )
          .join('\n')
      const head = index === 10 ? '-- +goose NO TRANSACTION\n' : ''
      return {
        [`${times[index]}_${one.name}.sql`]: lineEnds(
          index,
          `${head}-- +goose Up\n${part(one.up)}\n\n-- +goose Down\n${part(one.down)}\n`,
        ),
      }
    }),
  dbmate: () =>
    each((one, index) => ({
      [`${times[index]}_${one.name}.sql`]: `-- migrate:up transaction:false\n${whole(one.up)}\n-- migrate:down\n${whole(one.down)}`,
    })),
  prisma: () => ({
    ...each((one, index) => ({ [`${times[index]}_${one.name}/migration.sql`]: `-- CreateTable\n${whole(one.up)}` })),
    'migration_lock.toml': 'provider = "mysql"\n',
  }),
  pop: () =>
    each((one, index) => ({
      [`${times[index]}_${one.name}.${index % 3 === 0 ? 'mysql.autocommit.' : index % 3 === 1 ? 'mysql.' : ''}up.sql`]:
        whole(one.up),
      [`${times[index]}_${one.name}.down.sql`]: whole(one.down),
      [`${times[index]}_${one.name}.postgres.up.sql`]: 'CREATE TABLE other (id SERIAL);\n',
      ...(index % 3 === 1 ? { [`${times[index]}_${one.name}.up.sql`]: 'CREATE TABLE generic (id INT);\n' } : {}),
    })),
  files: () => each((one, index) => ({ [`1.${index + 1}/${one.name}.sql`]: withDelimiters(one.up) })),
  drizzle: () => ({
    ...each((one, index) => ({
      [`${pad(index, 4)}_${one.name}.sql`]: one.up.map((text) => `${text};`).join('--> statement-breakpoint\n'),
    })),
    'meta/_journal.json': drizzleJournal(sample.length),
  }),
}

/** The first migrations in the journal of Drizzle. */
function drizzleJournal(count: number): string {
  const entries = sample.slice(0, count).map(({ name }, idx) => ({
    idx,
    version: '5',
    when: moments[idx],
    tag: `${pad(idx, 4)}_${name}`,
    breakpoints: true,
  }))
  return JSON.stringify({ version: '7', dialect: 'mysql', entries }, null, 2)
}

/** What some layouts have made beside the sample. */
export const extraStatements: Readonly<Record<string, readonly string[]>> = {
  flyway: ['CREATE OR REPLACE VIEW user_names AS SELECT id, name FROM users'],
}

const flywayVersion = (index: number): string => (index < 9 ? `1.${index + 1}` : `2_${index - 8}`)

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}

function each(make: (one: SampleMigration, index: number) => Files): Files {
  return Object.assign({}, ...sample.map(make))
}

function lineEnds(index: number, text: string): string {
  return index % 5 === 2 ? text.replaceAll('\n', '\r\n') : text
}

/** For tools that send a file as it is. */
function whole(statements: readonly string[]): string {
  if (statements.length === 0) return '-- nothing to take back\n'
  return `-- written by hand\n${statements.join(';\n')}${statements.length > 1 ? '' : ';'}\n`
}

function withDelimiters(statements: readonly string[]): string {
  const parts = statements.map((one) => (isCompound(one) ? `DELIMITER //\n${one}\n//\nDELIMITER ;` : `${one};`))
  return `${parts.join('\n')}\n`
}

function changesets(migrations: readonly SampleMigration[]): string {
  const parts = migrations.map(({ name, up, down }) => {
    const body = up.some(isCompound) ? ' endDelimiter://' : ''
    const back = down.map((text) => `--rollback ${text.replaceAll('\n', ' ')};`)
    return [
      `--changeset ann:${name}${body}`,
      '--comment: part of the sample',
      ...up.map((text) => `${text}${body === '' ? ';' : '\n//'}`),
      ...back,
    ].join('\n')
  })
  return `--liquibase formatted sql\n\n${parts.join('\n\n')}\n`
}

/** The files of a layout for the whole sample; none for tools whose migrations are programs. */
export function filesOf(tool: string): Files {
  return layouts[tool]?.() ?? {}
}
