import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const wait = 'DO SLEEP((SELECT seconds FROM pace))'

/** Bodies that commit nothing by themselves, or nothing before they wait. */
const harmless: readonly (readonly [what: string, procedures: string])[] = [
  [
    'commits nothing',
    `CREATE PROCEDURE work() BEGIN INSERT INTO log VALUES (); ${wait}; INSERT INTO log VALUES (); END`,
  ],
  [
    'commits nothing and calls another that commits nothing',
    `CREATE PROCEDURE inner_work() INSERT INTO log VALUES ();
CREATE PROCEDURE work() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION ROLLBACK; CALL inner_work(); ${wait}; CALL inner_work(); END`,
  ],
  [
    'has not come to the statement that it builds',
    `CREATE PROCEDURE work() BEGIN INSERT INTO log VALUES (), (); ${wait}; SET @built = CONCAT('ALTER TABLE log ADD COLUMN ', 'more INT'); PREPARE built FROM @built; EXECUTE built; END`,
  ],
]

describe.each(versionsInTurn(import.meta.url))('a CALL that is cut off on MySQL %s', (version) => {
  let url = ''
  const opened: Stage[] = []
  beforeAll(async () => {
    url = (await testServerOf(version)).url
  })
  afterAll(async () => {
    for (const { query, schema } of opened) await query(`DROP DATABASE ${schema('app')}`)
  })

  /** A project whose CALL was cut off while it waited. */
  async function cutOff(procedures: string, header = ''): Promise<Stage> {
    const stage = await openStage({ url, files: { 'app/1_call.sql': migration('CALL work();', undefined, header) } })
    opened.push(stage)
    await stage.query('CREATE TABLE log (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY)')
    await stage.query('CREATE TABLE pace (seconds INT NOT NULL)')
    await stage.query('INSERT INTO pace VALUES (120)')
    for (const text of procedures.split('\n')) await stage.query(text.replace(/;$/, ''))
    const run = stage.start(['migrate'])
    const find = `SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP((SELECT%' AND DB = '${stage.schema('app')}' AND ID <> CONNECTION_ID()`
    await expect.poll(() => stage.query(find)).toHaveLength(1)
    const [[id] = []] = await stage.query(find)
    await stage.query(`KILL ${Number(id)}`)
    expect((await run.ended).exitCode).not.toBe(0)
    await stage.query('UPDATE pace SET seconds = 0')
    return stage
  }

  const countOf = async ({ query }: Stage): Promise<unknown> => (await query('SELECT COUNT(*) FROM log'))[0]?.[0]

  test.each(harmless)('needs no person when its procedure %s', async (_, procedures) => {
    const stage = await cutOff(procedures)
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await countOf(stage)).toBe(2)
  })

  const committing = `CREATE PROCEDURE work() BEGIN INSERT INTO log VALUES (); COMMIT; ${wait}; INSERT INTO log VALUES (); END`

  test('wants a person where it committed, and is called again once the file accepts that', async () => {
    const stage = await cutOff(committing)
    const refused = await stage.run(['migrate'])
    expect(refused).toMatchObject({ exitCode: 2 })
    const [, advice = ''] = /write "(-- wwdb:accept UNRESUMABLE_CALL) reason" before/.exec(refused.stderr) ?? []
    expect(advice).not.toBe('')
    expect(await countOf(stage)).toBe(1)
    stage.write('app/1_call.sql', migration('CALL work();', undefined, `${advice} the log may hold it twice`))
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await countOf(stage)).toBe(3)
  })

  test('is called again at once where the file accepted that before', async () => {
    const stage = await cutOff(committing, '-- wwdb:accept UNRESUMABLE_CALL the log may hold it twice')
    const again = await stage.run(['migrate'])
    expect(again).toMatchObject({ exitCode: 0 })
    expect(again.stderr).toContain('called again')
    expect(await countOf(stage)).toBe(3)
  })
})
