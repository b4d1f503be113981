import { createConnection } from 'mysql2/promise'
import { afterAll } from 'vitest'
import { randomName } from '../servers/schema.ts'
import { testServer } from '../servers/servers.ts'
import { migration, type Stage, type StageOptions, withStages } from '../tool/stage.ts'

/** A small project of two databases: a key that crosses them, a trigger, a view, and a family by month. */
const projectFiles: Readonly<Record<string, string>> = {
  'people/0001_people.sql': migration(
    `CREATE TABLE people (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE, notes INT NOT NULL DEFAULT 0);
INSERT INTO people (name) VALUES ('ann'), ('bob');`,
  ),
  'shop/0001_orders.sql': migration(
    `CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, person BIGINT UNSIGNED NOT NULL, total DECIMAL(10,2) NOT NULL DEFAULT 0,
  CONSTRAINT fk_person FOREIGN KEY (person) REFERENCES {{schema:people}}.people (id) ON DELETE CASCADE);
CREATE TABLE log (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, text VARCHAR(100) NOT NULL);
CREATE VIEW buyers AS SELECT p.name, o.total FROM orders o JOIN {{schema:people}}.people p ON p.id = o.person;
CREATE TRIGGER log_order AFTER INSERT ON orders FOR EACH ROW INSERT INTO log (text) VALUES (CONCAT('order ', NEW.id));
INSERT INTO orders (person, total) VALUES (1, 9.5);`,
    undefined,
    '-- wwdb:requires people/0001',
  ),
  'shard-templates/shop/visits.sql': `-- wwdb:period month
-- wwdb:name visits_{YYYYMM}
-- wwdb:premake 1 period
-- wwdb:late 0 days

CREATE TABLE {{table}} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL, page VARCHAR(200) NOT NULL);
`,
}

export interface ProvisionStage extends Stage {
  /** A name that no other test environment has. */
  readonly name: () => string
  /** Names of the server's schemas that begin with the prefix of a test environment, sorted. */
  readonly schemas: (set: string) => Promise<readonly string[]>
}

export interface ProvisionStageOptions extends Omit<StageOptions, 'url'> {
  /** URL of another server than the shared one. */
  readonly server?: string
  /** Files beside those of the small project. */
  readonly extra?: Readonly<Record<string, string>>
}

/** To be called at the top of a test file: opens projects to provision from, and drops what is left of their test environments. */
export function withProvisionStages(): (options?: ProvisionStageOptions) => Promise<ProvisionStage> {
  const open = withStages()
  const own = randomName('v')
  let made = 0
  const servers = new Set<string>()
  afterAll(async () => {
    for (const url of servers) await clearSets(url, `${own}_`)
  })
  return async ({ server = testServer().url, extra = {}, ...options } = {}) => {
    servers.add(server)
    const files = { ...projectFiles, ...extra }
    const stage = await open({
      databases: ['people', 'shop'],
      files,
      create: false,
      ...(server === testServer().url ? {} : { url: server }),
      ...options,
    })
    return {
      ...stage,
      name: () => {
        made += 1
        return `${own}_${made}`
      },
      schemas: async (set) => {
        const rows = await stage.query('SHOW DATABASES')
        return rows
          .map(([name]) => String(name))
          .filter((name) => name.startsWith(`wwdb_${set}_`))
          .sort()
      },
    }
  }
}

/** Drops the schemas and rows of test environments whose names begin so, in any state. */
async function clearSets(url: string, beginning: string): Promise<void> {
  const connection = await createConnection({ uri: url, rowsAsArray: true })
  try {
    const [rows] = await connection.query('SHOW DATABASES')
    const names = (rows as unknown as readonly (readonly unknown[])[]).map(([name]) => String(name))
    await connection.query('SET foreign_key_checks = 0')
    for (const name of names.filter((one) => one.startsWith(`wwdb_${beginning}`)))
      await connection.query(`DROP DATABASE IF EXISTS \`${name}\``)
    if (!names.includes('wwdb_provision')) return
    for (const [table, column] of [
      ['schemas', 'set_name'],
      ['sets', 'name'],
    ])
      await connection.query(`DELETE FROM wwdb_provision.\`${table}\` WHERE ${column} LIKE ?`, [`${beginning}%`])
  } finally {
    await connection.end()
  }
}
