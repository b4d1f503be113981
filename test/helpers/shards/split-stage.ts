import { type Connection, createConnection } from 'mysql2/promise'
import { expect } from 'vitest'
import { migration, type Stage, type StageOptions } from '../tool/stage.ts'

/** A reserved word and a backtick are in its names: what is written into triggers must be quoted. */
const columns =
  '`id` BIGINT NOT NULL AUTO_INCREMENT, `key` VARCHAR(40) NOT NULL, `odd``name` INT NULL, twice INT AS (`odd``name` * 2), created_at DATETIME(3) NOT NULL, PRIMARY KEY (`id`)'

const template = `-- wwdb:period month
-- wwdb:name orders_{YYYYMM}
-- wwdb:time created_at
-- wwdb:premake 2 periods
-- wwdb:grace 1 day

CREATE TABLE {{table}} (${columns});
`

/** A project with a table \`order\` of some thousand rows in this year's months, and a template that it fits. */
export async function openSplitStage(
  open: (options: StageOptions) => Promise<Stage>,
  url: string,
  rows: number,
): Promise<Stage> {
  const stage = await open({
    url,
    files: {
      'app/0001_order.sql': migration(`CREATE TABLE \`order\` (${columns});`, 'DROP TABLE `order`;'),
      'shard-templates/app/orders.sql': template,
    },
  })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  await stage.query('SET SESSION cte_max_recursion_depth = 10000000')
  await stage.query(
    `INSERT INTO \`order\` (\`key\`, \`odd\`\`name\`, created_at) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${rows}) SELECT CONCAT('k', i), IF(i % 7 = 0, NULL, i), UTC_TIMESTAMP(3) - INTERVAL (i % 120) DAY FROM s`,
  )
  return stage
}

/** Every row of the table, or of all pieces together, as one checksum; how many there are. */
export async function digestOf(stage: Stage, tables: readonly string[]): Promise<readonly unknown[]> {
  const each = tables.map((table) => `SELECT id, \`key\`, \`odd\`\`name\` o, created_at FROM \`${table}\``)
  const [row] = await stage.query(
    `SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, \`key\`, IFNULL(o, 'null'), created_at))) FROM (${each.join(' UNION ALL ')}) t`,
  )
  return row ?? []
}

export const piecesOf = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.tables()).filter((name) => /^orders_\d{6}$/.test(name))

/** Names of what a split leaves behind only while it is under way. */
export const triggersOf = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.query('SHOW TRIGGERS')).map(([name]) => String(name))

/** An application that inserts, moves rows between months, changes and deletes them; in what it writes to, rows are found by \`place\`. */
export interface Writer {
  /** Transactions that were committed. */
  readonly writes: () => number
  /** Errors but deadlocks and timeouts of locks. */
  readonly errors: readonly string[]
  readonly stop: () => Promise<void>
}

const transient = new Set([1205, 1213])

/** Writes to the table as long as it is there; to a shard only what belongs into it. */
export async function startWriter(stage: Stage, shard: string | null = null): Promise<Writer> {
  const connection: Connection = await createConnection({ uri: stage.url, database: stage.schema('app') })
  const own = `\`${shard ?? 'order'}\``
  let [writes, isStopped, turn] = [0, false, 0]
  const errors: string[] = []
  const inShard = [
    (n: number) =>
      `INSERT INTO ${own} (id, \`key\`, created_at) SELECT ${8_000_000 + n}, 'late${n}', MIN(created_at) FROM ${own} HAVING MIN(created_at) IS NOT NULL`,
    (n: number) => `UPDATE ${own} SET \`odd\`\`name\` = ${n} ORDER BY id DESC LIMIT 3`,
    () => `DELETE FROM ${own} ORDER BY id LIMIT 1`,
    (n: number) => `UPDATE ${own} SET id = ${9_000_000 + n} ORDER BY id LIMIT 1`,
  ]
  const inTable = [
    (n: number) =>
      `INSERT INTO ${own} (\`key\`, \`odd\`\`name\`, created_at) VALUES ('w${n}', ${n}, UTC_TIMESTAMP(3) - INTERVAL ${n % 100} DAY), ('v${n}', NULL, UTC_TIMESTAMP(3))`,
    (n: number) =>
      `UPDATE ${own} SET created_at = created_at - INTERVAL 31 DAY WHERE id = ${(n * 37) % 4000}  AND created_at > UTC_TIMESTAMP() - INTERVAL 80 DAY`,
    (n: number) =>
      `UPDATE ${own} SET \`odd\`\`name\` = ${n} WHERE id BETWEEN ${(n * 53) % 4000} AND ${((n * 53) % 4000) + 3}`,
    (n: number) => `DELETE FROM ${own} WHERE id = ${(n * 91) % 5000}`,
    (n: number) => `UPDATE ${own} SET id = ${n + 1000000} WHERE id = ${(n * 17) % 3000}`,
    (n: number) =>
      `REPLACE INTO ${own} (id, \`key\`, created_at) VALUES (${((n * 71) % 6000) + 1}, 'r${n}', UTC_TIMESTAMP(3))`,
  ]
  const statements = shard === null ? inTable : inShard
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      turn += 1
      try {
        await connection.query(statements[turn % statements.length]?.(turn) ?? '')
        writes += 1
      } catch (error) {
        const { errno, message } = error as { readonly errno?: number; readonly message: string }
        // The cut-over takes the table away: the application would write to the shards from now on.
        if (errno === 1146 || errno === 1347 || errno === 1288 || errno === 1471 || errno === 1394 || errno === 1395)
          return
        if (errno === undefined || !transient.has(errno)) errors.push(message)
        // A connection that is lost would answer at once, for ever.
        if (errno === undefined || errno < 0) return
      }
    }
  }
  const ended = loop()
  return {
    writes: () => writes,
    errors,
    stop: async () => {
      isStopped = true
      await ended
      connection.destroy()
    },
  }
}
