import { beforeAll, describe, expect, test } from 'vitest'
import { platformFiles } from '../../helpers/seeds/seed-stage.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
let stage: Stage

const query = (sql: string) => stage.query(sql, 'user_db')

beforeAll(async () => {
  stage = await openStage({ databases: ['user_db'], files: platformFiles() })
  for (const command of ['migrate', 'seed']) expect(await stage.run([command])).toMatchObject({ exitCode: 0 })
})

/** What each role may and may not do, as the requirements have it: written down here once more, by hand. */
const expected: Readonly<Record<string, { readonly may: string; readonly mayNot: string }>> = {
  super_admin: {
    may: 'user.delete role.create role.grant setting.update backup.restore audit_log.export message.delete instance.stop',
    mayNot: '',
  },
  admin: {
    may: 'user.create user.update user.lock user.assign_role user_session.revoke role.view instance.create instance.delete account.delete contact.export message.export task.delete template.delete monitor.configure alert_rule.configure log.view audit_log.view setting.view backup.view',
    mayNot:
      'user.delete role.create role.update role.delete role.grant message.delete audit_log.export setting.update backup.create backup.restore',
  },
  operator: {
    may: 'instance.view instance.start instance.stop account.login contact.sync contact.update group.sync message.send message.recall task.create task.execute task.cancel template.create alert.acknowledge alert.resolve',
    mayNot:
      'user.view user.create role.view permission.view instance.create instance.delete instance_config.update account.delete contact.delete contact.export group_member.export message.delete message.export task.delete template.delete monitor.configure log.view login_log.view audit_log.view setting.view backup.view',
  },
  auditor: {
    may: 'user.view role.view permission.view user_session.view log.view log.export login_log.view audit_log.view audit_log.export message.view message.export monitor.export setting.view backup.view alert_rule.view',
    mayNot:
      'user.create user.update user.lock user.reset_password role.grant instance.start instance.stop account.login contact.update contact.export message.send message.delete task.create task.execute template.update alert.acknowledge alert.resolve monitor.configure setting.update backup.create',
  },
  readonly: {
    may: 'instance.view account.view contact.view group.view group_member.view message.view task.view template.view monitor.view alert.view',
    mayNot:
      'user.view role.view permission.view instance_config.view log.view login_log.view audit_log.view setting.view backup.view message.send message.export contact.export group_member.export alert.acknowledge alert_rule.view',
  },
}

async function permissionsOf(role: string): Promise<ReadonlySet<string>> {
  const rows = await query(
    `SELECT p.name FROM role_permissions rp JOIN roles r ON r.id = rp.role_id JOIN permissions p ON p.id = rp.permission_id WHERE r.name = '${role}' AND p.status = 1 AND r.status = 1`,
  )
  return new Set(rows.map(([name]) => String(name)))
}

describe.each(Object.entries(expected))('the role %s, from the database', (role, { may, mayNot }) => {
  test.each([
    ['may', may],
    ['may not', mayNot],
  ])('%s do what is written', async (which, names) => {
    const granted = await permissionsOf(role)
    const all = new Set((await query('SELECT name FROM permissions')).map(([name]) => String(name)))
    for (const name of names.split(' ').filter(Boolean)) {
      expect(all, `${name} is a permission`).toContain(name)
      expect(granted.has(name), `${role} ${which} ${name}`).toBe(which === 'may')
    }
  })
})

test('who only looks changes nothing, and the more a role is trusted with the more it may', async () => {
  const [all, admin, operator, auditor, readonly] = await Promise.all(Object.keys(expected).map(permissionsOf))
  const total = await query('SELECT COUNT(*) FROM permissions')
  expect([[all?.size]]).toEqual(total)
  const looks = /\.(view|export)$/
  expect([...(auditor ?? [])].filter((name) => !looks.test(name))).toEqual([])
  expect([...(readonly ?? [])].filter((name) => !name.endsWith('.view'))).toEqual([])
  for (const [less, more] of [
    [readonly, operator],
    [operator, admin],
    [admin, all],
  ])
    expect([...(less ?? [])].filter((name) => !more?.has(name))).toEqual([])
})

test('every role has a Chinese name and description, is of the system, and exactly one is the default', async () => {
  const roles = await query(
    'SELECT name, display_name, description, is_system, is_default FROM roles ORDER BY sort_order',
  )
  expect(roles.map(([name]) => name)).toEqual(['super_admin', 'admin', 'operator', 'auditor', 'readonly'])
  for (const [, display, description, system] of roles) {
    expect(display).toMatch(/^\p{Script=Han}+$/u)
    expect(description).toMatch(/\p{Script=Han}{4,}/u)
    expect(system).toBe(1)
  }
  expect(roles.filter((role) => role[4] === 1).map(([name]) => name)).toEqual(['readonly'])
})

test('every module of the platform has permissions, named by resource and action, with Chinese names', async () => {
  const modules = await query('SELECT module FROM permissions GROUP BY module ORDER BY MIN(sort_order)')
  expect(modules.map(([module]) => module)).toEqual(
    'users roles instances accounts contacts groups messages tasks templates monitoring logs audit alerts system'.split(
      ' ',
    ),
  )
  const odd = await query(`SELECT name FROM permissions WHERE name <> CONCAT(resource, '.', action) OR is_system <> 1`)
  expect(odd).toEqual([])
  const names = await query('SELECT display_name FROM permissions')
  for (const [name] of names) expect(name).toMatch(/^\p{Script=Han}+$/u)
  expect(new Set(names.map(([name]) => name)).size).toBe(names.length)
})

test('the matrix says what the database has', async () => {
  const { answer } = await stage.json(['seed', 'matrix'])
  const [matrix] = answer['matrices'] as readonly {
    readonly columns: readonly { readonly name: string; readonly label: string }[]
    readonly lines: readonly { readonly name: string; readonly group: string; readonly marks: readonly boolean[] }[]
  }[]
  for (const [index, { name }] of (matrix?.columns ?? []).entries()) {
    const marked = matrix?.lines.filter(({ marks }) => marks[index]).map((line) => line.name)
    expect(new Set(marked)).toEqual(await permissionsOf(name))
  }
  expect(matrix?.lines.map(({ name }) => name).toSorted()).toEqual(
    (await query('SELECT name FROM permissions ORDER BY name')).map(([name]) => String(name)).toSorted(),
  )
})

test('grants that people added stay; one that is taken from the matrix goes with --prune', async () => {
  await query(
    `INSERT INTO role_permissions (role_id, permission_id) SELECT r.id, p.id FROM roles r, permissions p WHERE r.name = 'operator' AND p.name = 'log.view'`,
  )
  const file = platformFiles()['seeds/user_db/role_permissions.yaml'] ?? ''
  stage.write('seeds/user_db/role_permissions.yaml', file.replace(/(task\.cancel: +\[x, +x, +)x/, '$1.'))
  expect((await stage.run(['seed'])).stdout).toContain('1 no longer in the files')
  expect(await stage.run(['seed', '--prune', '--yes'])).toMatchObject({ exitCode: 0 })
  const granted = await permissionsOf('operator')
  expect([granted.has('log.view'), granted.has('task.cancel'), granted.has('task.execute')]).toEqual([
    true,
    false,
    true,
  ])
})
