import { beforeAll, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, type TableAclFile, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { openVitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
/** Whom vtgate takes each client for. */
const user = 'userData1'
type Group = TableAclFile['table_groups'][number]
const everything = (names: readonly string[], name: string, but: Partial<Group> = {}): Group => ({
  ...{ name, table_names_or_prefixes: names, readers: [user], writers: [user], admins: [user] },
  ...but,
})
/** What clears the keyspaces before any test, and what wwdb is not given by itself. */
const open: TableAclFile = { table_groups: [everything(['%'], 'all')] }
const vitess = withVitess(undefined, undefined, { tableAcl: open })

const files = {
  'user_db/20260101000000_users.sql': migration('CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY);'),
  'message_db/20260101000000_letters.sql': migration(
    'CREATE TABLE letters (id BIGINT NOT NULL PRIMARY KEY);\nALTER VSCHEMA ON letters ADD VINDEX by_id (id) USING xxhash;\nINSERT INTO letters (id) VALUES (1), (2), (3);',
  ),
}
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

interface Printed {
  readonly tableAcls: readonly { readonly config: TableAclFile }[]
}

describeVitess('tablets with a strict table ACL', () => {
  let stage: Awaited<ReturnType<typeof openVitessStage>>
  let printed: TableAclFile

  /** A table may be used again once vtgate has it. */
  const set = async (config: TableAclFile, may: string, keyspace: string, isAllowed: boolean): Promise<void> => {
    await vitess().setTableAcl(config)
    const asked = () =>
      stage.ask(may, keyspace).then(
        () => true,
        (error: Error) => !error.message.includes('ACL check error'),
      )
    await expect.poll(asked, { timeout: 10_000 }).toBe(isAllowed)
  }
  /** The entries of all keyspaces, as one process of the tests has all tablets: `wwdb_%` is in those of both. */
  const join = ({ tableAcls }: Printed): TableAclFile => {
    const groups = tableAcls.flatMap(({ config }) => config.table_groups)
    const seen = new Set<string>()
    return {
      table_groups: groups.flatMap((group) => {
        const names = group.table_names_or_prefixes.filter((name) => !seen.has(name))
        for (const name of names) seen.add(name)
        return names.length === 0 ? [] : [{ ...group, table_names_or_prefixes: names }]
      }),
    }
  }
  const without = (table: string, list: 'readers' | 'writers' | 'admins'): TableAclFile => ({
    table_groups: printed.table_groups.flatMap((group) =>
      group.table_names_or_prefixes.includes(table)
        ? [
            { ...group, table_names_or_prefixes: group.table_names_or_prefixes.filter((name) => name !== table) },
            { ...group, name: 'less', table_names_or_prefixes: [table], [list]: [] },
          ].filter((one) => one.table_names_or_prefixes.length > 0)
        : [group],
    ),
  })

  beforeAll(async () => {
    stage = await openVitessStage(openStage, vitess(), { files, ddlStrategy: 'vitess' })
    const run = await stage.run(['grants', '--for', 'migrate', '--user', user, '--json'])
    printed = join(JSON.parse(run.stdout) as Printed)
  }, 120_000)

  it('let `migrate` do all of it with what `grants` prints', { timeout: 180_000 }, async () => {
    await set(printed, 'SELECT 1 FROM information_schema.ENGINES LIMIT 1', 'user_db', false)
    const run = await stage.run(['migrate', '--yes'])
    expect([run.exitCode, run.stderr], run.stdout).toEqual([0, expect.anything()])
    expect((await stage.run(['status'])).exitCode).toBe(0)
  })

  it('are tried by `grants check`, as the user that is logged in and no other, and nothing is changed', {
    timeout: 180_000,
  }, async () => {
    const check = (user: string) => stage.run(['grants', 'check', user, '--for', 'migrate'])
    const all = await check('root')
    expect([all.exitCode, all.stdout], all.stderr).toEqual([
      0,
      expect.stringMatching(/message_db 0 rights missing of \d+ that were tried/),
    ])
    // The tables of wwdb are in the keyspace of the journal.
    expect(all.stdout.match(/Not tried: .*/g)).toEqual([
      'Not tried: no table is called `wwdb_%`.',
      expect.stringContaining('Not tried: vtgate takes `ALTER VSCHEMA` of `root`'),
    ])
    const tried = 'ALTER TABLE letters DROP COLUMN is_missing'
    await set(without('letters', 'admins'), tried, 'message_db', false)
    const before = await stage.onShards('SHOW CREATE TABLE letters', 'message_db')
    const less = await check('root')
    expect([less.exitCode, flat(less.stdout)], less.stderr).toEqual([
      1,
      expect.stringMatching(/message_db 1 right missing of \d+ that were tried/),
    ])
    expect(flat(less.stdout)).toContain(`the user \`${user}\` of vtgate may not create, alter or drop \`letters\``)
    expect(await stage.onShards('SHOW CREATE TABLE letters', 'message_db')).toEqual(before)
    expect(await stage.ask('SELECT COUNT(*) FROM letters', 'message_db')).toEqual([[3]])
    await set(printed, tried, 'message_db', true)
    const other = await check('ann')
    expect([other.exitCode, flat(other.stderr)]).toEqual([
      2,
      expect.stringMatching(/What `ann` may do on `\w+` cannot be asked\..*logs in as `root`/),
    ])
  })

  it('refuse a definition, and the run says which list its user is missing in, and goes on once it is there', {
    timeout: 180_000,
  }, async () => {
    await set(without('letters', 'admins'), 'ALTER TABLE letters DROP COLUMN is_missing', 'message_db', false)
    stage.write(
      'message_db/20260102000000_title.sql',
      migration('ALTER TABLE letters ADD COLUMN title VARCHAR(20) NULL;'),
    )
    const refused = await stage.run(['migrate', '--yes'])
    expect(refused.exitCode).toBe(2)
    expect(flat(refused.stderr)).toContain(
      `the user \`${user}\` of vtgate may not create, alter or drop \`letters\`, by the table ACL of the tablet of shard`,
    )
    expect(flat(refused.stderr)).toContain(`add \`${user}\` to \`admins\` of the entry that has \`letters\``)
    await set(printed, 'ALTER TABLE letters DROP COLUMN is_missing', 'message_db', true)
    const again = await stage.run(['migrate', '--yes'])
    expect(again.exitCode, again.stderr).toBe(0)
  })

  it('refuse rows, with the list', { timeout: 180_000 }, async () => {
    await set(without('letters', 'writers'), 'DELETE FROM letters WHERE id=0', 'message_db', false)
    stage.write('message_db/20260103000000_rows.sql', migration('INSERT INTO letters (id) VALUES (4);'))
    const refused = await stage.run(['migrate', '--yes'])
    expect([refused.exitCode, flat(refused.stderr)]).toEqual([
      2,
      expect.stringContaining(`add \`${user}\` to \`writers\` of the entry that has \`letters\``),
    ])
    await set(printed, 'DELETE FROM letters WHERE id=0', 'message_db', true)
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
  })

  it.each([
    ['writers', 'DELETE FROM wwdb_lease WHERE 1=0', ['migrate', '--yes']],
    ['readers', 'SELECT 1 FROM wwdb_journal_message_db LIMIT 1', ['status']],
  ] as const)(
    'refuse what wwdb itself does with its tables, without %s',
    { timeout: 120_000 },
    async (list, may, command) => {
      stage.write('message_db/20260104000000_more.sql', migration('INSERT INTO letters (id) VALUES (5);'))
      await set(without('wwdb_%', list), may, 'user_db', false)
      const refused = await stage.run(command)
      expect([refused.exitCode, flat(refused.stdout + refused.stderr)]).toEqual([
        2,
        expect.stringMatching(
          /A tablet refused a statement of wwdb itself, on `\w+` or on the keyspace of its journal\./,
        ),
      ])
      expect(flat(refused.stdout + refused.stderr)).toContain(
        `add \`${user}\` to \`${list}\` of the entry that has \`wwdb_`.replace('add', 'Add'),
      )
      await set(printed, may, 'user_db', true)
    },
  )
})
