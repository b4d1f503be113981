import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomName } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** `{own}` is the account that applies the migrations, `{role}` a role that it has, `{other}` another account. */
const stopped = [
  "DROP USER '{own}'@'%'",
  'DROP USER IF EXISTS {other}, {own}',
  'DROP USER CURRENT_USER()',
  'DROP ROLE {role}',
  'DROP USER {role}',
  'DROP ROLE {role}_in',
  'REVOKE {role}_in FROM {role}',
  'REVOKE {role}_deep FROM {role}_in',
  'REVOKE SELECT ON *.* FROM {role}_deep',
  "RENAME USER '{own}'@'%' TO '{own}_2'@'%'",
  'RENAME USER {other} TO {other}_2, {own} TO {own}_2',
  'REVOKE ALL PRIVILEGES, GRANT OPTION FROM {own}',
  "REVOKE INSERT ON *.* FROM '{own}'@'%'",
  'REVOKE {role} FROM {own}',
  'REVOKE SELECT ON *.* FROM {other}, {role}',
  'REVOKE CREATE USER ON *.* FROM CURRENT_USER',
  'ALTER USER {own} ACCOUNT LOCK',
  "ALTER USER {other} COMMENT 'x', {own} PASSWORD EXPIRE",
  "ALTER USER CURRENT_USER() IDENTIFIED BY 'Another_1!'",
  "ALTER USER USER() IDENTIFIED BY 'Another_1!'",
  'ALTER USER {own} REQUIRE X509',
  'ALTER USER {own} WITH MAX_USER_CONNECTIONS 1',
  "SET PASSWORD = 'Another_1!'",
  "SET PASSWORD FOR '{own}'@'%' = 'Another_1!'",
  'SET DEFAULT ROLE NONE TO {own}',
  "PREPARE x FROM 'DROP USER {own}'; EXECUTE x",
  'CREATE PROCEDURE p() DROP USER {own}; CALL p()',
  'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO REVOKE {role} FROM {own}',
] as const

/** Known only when it runs. */
const stoppedLater = ["SET @s = CONCAT('DROP USER ', '{own}'); PREPARE x FROM @s; EXECUTE x"] as const

const harmless = [
  'DROP USER IF EXISTS {other}_3',
  "DROP USER IF EXISTS '{own}'@'10.0.0.1'",
  'CREATE USER {other}_4; RENAME USER {other}_4 TO {other}_5; ALTER USER {other}_5 ACCOUNT LOCK; GRANT SELECT ON *.* TO {other}_5; REVOKE SELECT ON *.* FROM {other}_5; DROP USER {other}_5',
  'GRANT SELECT ON *.* TO {own}',
  'REVOKE {role}_not FROM {other}',
  'GRANT {role}_not TO {role}_deep',
  'ALTER USER {own} ACCOUNT UNLOCK PASSWORD EXPIRE NEVER',
  'ALTER USER {own} REQUIRE NONE',
  "ALTER USER {own} COMMENT 'applies migrations'",
] as const

const all = [...stopped, ...stoppedLater, ...harmless]

interface PlannedTarget {
  readonly target: { readonly database: string }
  readonly steps: readonly { readonly hazards: readonly { readonly code: string; readonly kind: string }[] }[]
}

describe.each(versionsInTurn(import.meta.url))(
  'what locks out the account that applies migrations is stopped on MySQL %s',
  (version) => {
    let stage: Stage
    let url = ''
    const own = randomName('own')
    const role = randomName('role')
    const other = randomName('other')
    const password = 'Right_now_1!'
    const nameOf = (text: string): string => `d${(all as readonly string[]).indexOf(text)}`
    let planned: ReadonlyMap<string, readonly string[]>

    async function asRoot(...statements: readonly string[]): Promise<void> {
      const connection = await createConnection(url)
      for (const statement of statements) await connection.query(statement)
      await connection.end()
    }

    /** What the account may do, as a login of its own sees it. */
    async function grantsOf(): Promise<readonly string[]> {
      const connection = await createConnection({ uri: stage.url, rowsAsArray: true })
      const [rows] = await connection.query<RowDataPacket[]>('SHOW GRANTS')
      await connection.end()
      return rows.map((row) => String(row[0])).sort()
    }

    beforeAll(async () => {
      url = (await testServerOf(version)).url
      await asRoot(
        `CREATE USER ${own} IDENTIFIED BY '${password}'`,
        `CREATE USER ${other}`,
        `CREATE ROLE ${role}`,
        `GRANT ALL ON *.* TO ${own} WITH GRANT OPTION`,
        `CREATE ROLE ${role}_in, ${role}_deep, ${role}_not`,
        `GRANT SELECT ON *.* TO ${role}, ${other}, ${role}_deep`,
        `GRANT ${role}_in TO ${role}`,
        `GRANT ${role}_deep TO ${role}_in`,
        `GRANT ${role}_not TO ${other}`,
        `GRANT ${role} TO ${own} WITH ADMIN OPTION`,
        `SET DEFAULT ROLE ${role} TO ${own}`,
      )
      const address = new URL(url)
      address.username = own
      address.password = encodeURIComponent(password)
      stage = await openStage({ url: address.href, databases: all.map(nameOf) })
      for (const text of all) {
        const sql = text.replaceAll('{own}', own).replaceAll('{role}', role).replaceAll('{other}', other)
        stage.write(`${nameOf(text)}/0001_account.sql`, migration(`${sql};`))
      }
      const { answer } = await stage.json(['plan'])
      const { targets } = answer['plan'] as { targets: readonly PlannedTarget[] }
      const stops = ({ steps }: PlannedTarget): readonly string[] =>
        steps.flatMap(({ hazards }) => hazards.flatMap(({ code, kind }) => (kind === 'destructive' ? [code] : [])))
      planned = new Map(targets.map((one) => [one.target.database, stops(one)]))
    }, 300_000)
    afterAll(async () => {
      for (const text of all) await stage.query(`DROP DATABASE IF EXISTS ${stage.schema(nameOf(text))}`)
      await asRoot(
        `DROP USER IF EXISTS ${own}, ${own}_2, ${other}, ${other}_2`,
        `DROP ROLE IF EXISTS ${role}, ${role}_in, ${role}_deep, ${role}_not`,
      )
    })

    test.each(stopped)('%s', async (text) => {
      const before = await grantsOf()
      expect(planned.get(nameOf(text))).toEqual([expect.stringMatching(/^(?:OWN_ACCOUNT|BODY_DELETES)$/)])
      const { exitCode, answer } = await stage.json(['migrate', '--yes', '-t', nameOf(text)])
      expect([exitCode, JSON.stringify(answer)]).toEqual([2, expect.stringContaining(`as \`${own}@%\``)])
      expect(await grantsOf()).toEqual(before)
    })

    test.each(stoppedLater)('%s, when it runs', async (text) => {
      const { exitCode, answer } = await stage.json(['migrate', '--yes', '-t', nameOf(text)])
      expect([exitCode, JSON.stringify(answer)]).toEqual([2, expect.stringContaining('OWN_ACCOUNT')])
      expect(await grantsOf()).not.toEqual([])
    })

    test.each(harmless)('%s is not stopped', async (text) => {
      expect(planned.get(nameOf(text))).toEqual([])
      const { exitCode, run } = await stage.json(['migrate', '--yes', '-t', nameOf(text)])
      // 8.0.12 has no comments of accounts.
      const isRefused = version === '8.0' && text.includes('COMMENT')
      expect(exitCode, run.stderr).toBe(isRefused ? 2 : 0)
    })

    test('with its code it runs, and the next run cannot log in', async () => {
      const text = 'ALTER USER {own} ACCOUNT LOCK'
      const done = await stage.json(['migrate', '--yes', '-t', nameOf(text), '--allow', 'OWN_ACCOUNT'])
      expect(done.exitCode, done.run.stderr).toBe(0)
      expect((await stage.json(['status'])).exitCode).toBe(69)
      await asRoot(`ALTER USER ${own} ACCOUNT UNLOCK`)
    })
  },
)
