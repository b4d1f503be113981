import { describe, expect, test } from 'vitest'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { randomName } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

describe.each(versionsInTurn(import.meta.url))('definers that are gone, MySQL %s', (version) => {
  test('are named with what runs by their rights, and the statements repair it', async () => {
    const { url } = await testServerOf(version)
    const stage = await openStage({ url })
    const account = randomName('d')
    const definer = `DEFINER=${account}@localhost`
    await stage.query('CREATE TABLE t (id INT PRIMARY KEY)')
    for (const text of [
      `CREATE USER ${account}@localhost ACCOUNT LOCK`,
      `CREATE ${definer} VIEW v AS SELECT id FROM t`,
      `CREATE ${definer} SQL SECURITY INVOKER VIEW invoked AS SELECT id FROM t`,
      `CREATE ${definer} TRIGGER t_insert BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + (SELECT COUNT(*) FROM t)`,
      `CREATE ${definer} PROCEDURE p() SELECT COUNT(*) FROM t`,
      `CREATE ${definer} FUNCTION f() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM t)`,
      `CREATE ${definer} EVENT e ON SCHEDULE EVERY 1 YEAR DISABLE DO DELETE FROM t WHERE id < 0`,
    ])
      await stage.query(text)
    expect(findingsOf((await examine(stage)).answer, 'definer-missing')).toEqual([])
    // An older server drops it without a question; a newer one warns.
    await stage.query(`DROP USER ${account}@localhost`)
    await expect(stage.query('INSERT INTO t VALUES (1)')).rejects.toThrow('does not exist')
    expect(await stage.query('SELECT * FROM invoked')).toEqual([])

    const { answer, exitCode } = await examine(stage)
    expect(exitCode).toBe(1)
    const findings = findingsOf(answer, 'definer-missing')
    expect(findings).toHaveLength(1)
    const [finding] = findings
    expect(finding).toMatchObject({ severity: 'error', where: { database: 'app' } })
    expect(finding?.what).toBe(
      `The account \`${account}@localhost\` does not exist, but is the DEFINER of the event \`e\`, the function \`f\`, the procedure \`p\`, the trigger \`t_insert\`, the view \`v\`.`,
    )
    const [create = '', grant = ''] = [
      ...(finding?.fix ?? '').matchAll(/`(?=CREATE|GRANT)((?:`\w+\\?\w*`|[^`]|`[^`]+`\.\*)+?)`(?= and|,)/g),
    ].map(([, text]) => text)
    await stage.query(create)
    await stage.query(grant)
    expect(findingsOf((await examine(stage)).answer, 'definer-missing')).toEqual([])
    await stage.query('INSERT INTO t VALUES (1)')
    expect(await stage.query('SELECT f(), v.id FROM v')).toEqual([[1, 1]])
    await stage.query('CALL p()')
    await stage.query(`DROP USER ${account}@localhost`)
  })

  test('an account that may not read accounts says so, and which right it needs', async () => {
    const { url } = await testServerOf(version)
    const account = randomName('d')
    const admin = await openStage({ url })
    await admin.query(`CREATE USER ${account}@'%' IDENTIFIED BY 'x'`)
    await admin.query(`GRANT ALL ON \`${admin.schema('app')}\`.* TO ${account}@'%'`)
    const { port } = new URL(url)
    admin.write(
      'wwdb.config.json',
      JSON.stringify({ url: `mysql://${account}:x@127.0.0.1:${port}`, prefix: admin.prefix, databases: { app: {} } }),
    )
    const run = await admin.run(['doctor'])
    await admin.query(`DROP USER ${account}@'%'`)
    expect(run.stdout).toMatch(/Definers of code[^\n]*mysql/)
  })
})
