import { describe, expect, test } from 'vitest'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { randomName } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

describe.each(versionsInTurn(import.meta.url))('leftovers of online schema changes, MySQL %s', (version) => {
  test('are named with age and size, and the statements remove them in an order that no write notices', async () => {
    const { url } = await testServerOf(version)
    const stage = await openStage({ url })
    for (const text of [
      'CREATE TABLE orders (id INT PRIMARY KEY, n INT)',
      'CREATE TABLE _orders_new LIKE orders',
      'CREATE TRIGGER pt_osc_app_orders_ins AFTER INSERT ON orders FOR EACH ROW REPLACE INTO _orders_new VALUES (NEW.id, NEW.n)',
      'CREATE TABLE users (id INT PRIMARY KEY)',
      'CREATE TABLE _users_gho LIKE users',
      'CREATE TABLE _users_ghc (id INT PRIMARY KEY)',
      'CREATE TABLE _vt_HOLD_6ace8bcef73211ea87e9f875a4d24e90_20261129120000 (id INT PRIMARY KEY)',
      'CREATE TABLE _mine_new (id INT PRIMARY KEY)',
    ])
      await stage.query(text)
    const findings = findingsOf((await examine(stage)).answer, 'online-leftover')
    expect(findings.map(({ what }) => what.replace(/\(.*?\)/g, '(size)'))).toEqual([
      `Vitess left the table \`_vt_HOLD_6ace8bcef73211ea87e9f875a4d24e90_20261129120000\` (size) in \`${stage.schema('app')}\`.`,
      `pt-online-schema-change left the trigger \`pt_osc_app_orders_ins\`, the table \`_orders_new\` (size) for \`orders\` in \`${stage.schema('app')}\`.`,
      `gh-ost left the table \`_users_gho\` (size), the table \`_users_ghc\` (size) for \`users\` in \`${stage.schema('app')}\`.`,
    ])
    for (const { fix } of findings) {
      const statements = [...fix.matchAll(/`(DROP (?:TABLE|TRIGGER) `[^`]+`\.`[^`]+`)`/g)].map(([, text]) => text)
      expect(statements.length).toBeGreaterThan(0)
      for (const text of statements) {
        await stage.query(String(text))
        await stage.query('REPLACE INTO orders VALUES (1, 1)')
      }
    }
    expect(findingsOf((await examine(stage)).answer, 'online-leftover')).toEqual([])
    expect(await stage.query('SHOW TABLES')).toEqual([['_mine_new'], ['orders'], ['users']])
  })

  test('without TRIGGER no statement is given that could make every write of the table fail', async () => {
    const { url } = await testServerOf(version)
    const admin = await openStage({ url })
    const account = randomName('l')
    await admin.query('CREATE TABLE orders (id INT PRIMARY KEY)')
    await admin.query('CREATE TABLE _orders_new LIKE orders')
    await admin.query(`CREATE USER ${account}@'%' IDENTIFIED BY 'x'`)
    await admin.query(`GRANT SELECT ON \`${admin.schema('app')}\`.* TO ${account}@'%'`)
    const { port } = new URL(url)
    const file = admin.write(
      'reader.json',
      JSON.stringify({
        url: `mysql://${account}:x@127.0.0.1:${port}`,
        databases: { app: { schema: admin.schema('app') } },
      }),
    )
    const { answer } = await examine(admin, ['--config', file ?? 'reader.json'])
    const [finding] = findingsOf(answer, 'online-leftover')
    expect(finding?.fix).toMatch(/^Grant the account TRIGGER/)
    await admin.query(`DROP USER ${account}@'%'`)
  })
})
