import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

interface Header {
  readonly name?: string
  readonly period?: string
  readonly more?: string
}

const template = ({
  name = 'msg_{YYYYMM}',
  period = 'month',
  more = '',
}: Header = {}): string => `-- wwdb:period ${period}
-- wwdb:name ${name}
-- wwdb:premake 1 periods
-- wwdb:keep 1 months
-- wwdb:late 1 days
-- wwdb:grace 1 hour
-- wwdb:share 100%
-- wwdb:archive none
${more}CREATE TABLE {{table}} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(40)) ENGINE=InnoDB;
`

const file = 'shard-templates/app/msg.sql'

/** The month so many months ago: its key, and its table in a pattern. */
function monthsAgo(count: number): { readonly key: string; readonly digits: string } {
  const now = new Date()
  const key = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count, 1)).toISOString().slice(0, 7)
  return { key, digits: key.replace('-', '') }
}

const old = monthsAgo(4)
const current = monthsAgo(0)

/** Shards of now and of months that retention takes, each with a row; one of them protected. */
async function openProtected(): Promise<Stage> {
  const project = await stage({ files: { [file]: template() } })
  for (const back of [4, 3]) {
    const table = `msg_${monthsAgo(back).digits}`
    await project.query(template().split('\n').at(-2)?.replace('{{table}}', table) ?? '')
    await project.query(`INSERT INTO ${table} (body) VALUES ('row of ${table}')`)
  }
  expect(await project.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
  const words = ['shards', 'protect', '--family', 'msg', '--key', old.key, '--reason', 'case 117']
  expect(await project.run(words)).toMatchObject({ exitCode: 0 })
  return project
}

/** Runs rotation until nothing can be left to retire, with the ends of all graces passed. */
async function rotateOften(project: Stage): Promise<readonly (number | null)[]> {
  const codes: (number | null)[] = []
  for (let run = 0; run < 4; run += 1) {
    codes.push((await project.run(['rotate', 'run', '--yes'])).exitCode)
    await project.query("UPDATE wwdb_shards SET held_until='2020-01-01' WHERE held_until IS NOT NULL")
  }
  return codes
}

const rowsOf = (project: Stage, table: string) => project.query(`SELECT body FROM ${table}`)

function renameTemplate(project: Stage): void {
  renameSync(join(project.folder, file), join(project.folder, 'shard-templates/app/post.sql'))
}

describe('a protection belongs to the table', () => {
  test('a template that was renamed adopts nothing: it is asked, moved with its protection, and retention continues', async () => {
    const project = await openProtected()
    renameTemplate(project)
    const refused = await project.run(['rotate', 'run', '--yes'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stdout + refused.stderr).toContain('recorded as shards of `msg`')
    expect(refused.stdout + refused.stderr).toContain('`wwdb shards rename-family msg post`')
    expect(await rotateOften(project)).toEqual([2, 2, 2, 2])
    const check = await project.run(['shards', 'check'])
    expect(check.exitCode).toBe(1)
    expect(check.stdout).toMatch(/rename-family\s+msg\s+post/)
    const adopt = await project.run(['shards', 'adopt'])
    expect(adopt).toMatchObject({ exitCode: 1 })
    expect(await project.query("SELECT COUNT(*) FROM wwdb_shards WHERE family='post'")).toEqual([[0]])

    const rehearsed = await project.json(['shards', 'rename-family', 'msg', 'post', '--dry-run'])
    expect(rehearsed).toMatchObject({
      exitCode: 0,
      answer: { dryRun: true, move: { protected: [`msg_${old.digits}`] } },
    })
    expect(await project.query("SELECT COUNT(*) FROM wwdb_shards WHERE family='post'")).toEqual([[0]])
    expect(await project.run(['shards', 'rename-family', 'msg', 'post'])).not.toMatchObject({ exitCode: 0 })
    expect(await project.run(['shards', 'rename-family', 'msg', 'post', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await project.query('SELECT DISTINCT family FROM wwdb_shards')).toEqual([['post']])
    expect(await rotateOften(project)).toEqual([0, 0, 0, 0])
    expect(await rowsOf(project, `msg_${old.digits}`)).toEqual([[`row of msg_${old.digits}`]])
    expect(await project.query(`SELECT state FROM wwdb_shards WHERE shard_key='${monthsAgo(3).key}'`)).toEqual([
      ['dropped'],
    ])
    expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
  })

  test('what an earlier wwdb adopted in silence under the new name becomes one record again, with the protection', async () => {
    const project = await openProtected()
    await project.query(
      `INSERT INTO wwdb_shards (family,shard_key,table_name,from_at,to_at,state,template_version) SELECT 'post',shard_key,table_name,from_at,to_at,'live',1 FROM wwdb_shards WHERE family='msg'`,
    )
    renameTemplate(project)
    expect(await rotateOften(project)).toEqual([2, 2, 2, 2])
    expect(await project.run(['shards', 'rename-family', 'msg', 'post', '--yes'])).toMatchObject({ exitCode: 0 })
    const rows = await project.query(`SELECT family,protected_reason FROM wwdb_shards WHERE shard_key='${old.key}'`)
    expect(rows).toEqual([['post', 'case 117']])
    expect(await rotateOften(project)).toEqual([0, 0, 0, 0])
    expect(await rowsOf(project, `msg_${old.digits}`)).toHaveLength(1)
  })

  test.each([
    ['the registry dropped', 'DROP TABLE wwdb_shards'],
    ['its row deleted', `DELETE FROM wwdb_shards WHERE shard_key='${old.key}'`],
  ])(
    '%s: rotation stops, names both records, and `shards adopt` brings it back with its protection',
    async (_, damage) => {
      const project = await openProtected()
      await project.query(damage)
      const refused = await project.run(['rotate', 'run', '--yes'])
      expect(refused.exitCode).toBe(2)
      const text = refused.stdout + refused.stderr
      for (const part of ['wwdb_shard_events', 'wwdb_shards', 'case 117', 'shards adopt', 'shards unprotect'])
        expect(text).toContain(part)
      expect(await rotateOften(project)).toEqual([2, 2, 2, 2])
      expect(await rowsOf(project, `msg_${old.digits}`)).toHaveLength(1)
      expect((await project.run(['shards', 'check'])).stdout).toContain('case 117')
      expect(await project.run(['shards', 'adopt', '--family', 'msg'])).toMatchObject({ exitCode: 0 })
      expect(await rotateOften(project)).toEqual([0, 0, 0, 0])
      expect(await rowsOf(project, `msg_${old.digits}`)).toHaveLength(1)
    },
  )

  test('a registry that was lost and is made again, empty: no command of drift takes its shards for tables of nobody', async () => {
    const project = await openProtected()
    await project.query('DROP TABLE wwdb_shards')
    renameTemplate(project)
    expect(await rotateOften(project)).toEqual([2, 2, 2, 2])
    expect(await project.query('SELECT COUNT(*) FROM wwdb_shards')).toEqual([[0]])
    project.write('shard-templates/app/post.sql', template({ name: 'msgs_{YYYYMM}' }))
    const drift = await project.run(['drift'])
    expect(drift.stdout + drift.stderr).not.toMatch(/table msg_|DROP TABLE|_hold_/)
    await project.run(['drift', '--revert', '--yes', '--no-probe', '--allow', 'DROP_TABLE'])
    expect(await rowsOf(project, `msg_${old.digits}`)).toHaveLength(1)
    expect(await rowsOf(project, `msg_${current.digits}`)).toHaveLength(0)
  })

  test('a registry that lost some of its rows: no command of drift takes their shards for tables of nobody', async () => {
    const project = await openProtected()
    const lost = `msg_${monthsAgo(3).digits}`
    await project.query(`DELETE FROM wwdb_shards WHERE table_name='${lost}'`)
    project.write(file, template({ name: 'other_{YYYYMM}' }))
    renameSync(join(project.folder, file), join(project.folder, 'shard-templates/app/other.sql'))
    const drift = await project.run(['drift'])
    expect(drift.stdout + drift.stderr).not.toMatch(/table `?msg_|DROP TABLE|_hold_/)
    await project.run(['drift', '--revert', '--yes', '--no-probe', '--allow', 'DROP_TABLE'])
    expect(await rowsOf(project, lost)).toHaveLength(1)
  })

  test('the protection taken out of its row: confirmed or ended by a person, and by nothing else', async () => {
    const project = await openProtected()
    await project.query('UPDATE wwdb_shards SET protected_reason=NULL,protected_by=NULL,protected_at=NULL')
    expect(await rotateOften(project)).toEqual([2, 2, 2, 2])
    const one = ['--family', 'msg', '--key', old.key, '--reason']
    expect(await project.run(['shards', 'protect', ...one, 'case 117'])).toMatchObject({ exitCode: 0 })
    expect(await rotateOften(project)).toEqual([0, 0, 0, 0])
    expect(await rowsOf(project, `msg_${old.digits}`)).toHaveLength(1)
    await project.query('UPDATE wwdb_shards SET protected_reason=NULL,protected_by=NULL,protected_at=NULL')
    expect(await project.run(['shards', 'unprotect', ...one, 'closed'])).toMatchObject({ exitCode: 0 })
    await rotateOften(project)
    expect(await project.query(`SELECT state FROM wwdb_shards WHERE shard_key='${old.key}'`)).toEqual([['dropped']])
  })

  test('a name that is not the old one of this family is refused, and says why', async () => {
    const project = await openProtected()
    project.write('shard-templates/app/other.sql', template({ name: 'other_{YYYYMM}' }))
    const still = await project.run(['shards', 'rename-family', 'msg', 'other', '--yes'])
    expect(still.stdout + still.stderr).toContain('still has a template')
    project.remove(file)
    const foreign = await project.run(['shards', 'rename-family', 'msg', 'other', '--yes'])
    expect(foreign).toMatchObject({ exitCode: 2 })
    expect(foreign.stdout + foreign.stderr).toContain('matches none of the')
    const unknown = await project.run(['shards', 'rename-family', 'unknown', 'other', '--yes'])
    expect(unknown.stdout + unknown.stderr).toContain('The recorded families are `msg`')
  })
})

describe('a header that no longer fits its shards', () => {
  const changes = [
    ['another pattern', template({ name: 'msgs_{YYYYMM}' })],
    ['another period', template({ name: 'msg_{GGGG}w{WW}', period: 'week' })],
    ['another zone', template({ period: 'month zone Asia/Shanghai' })],
  ] as const

  test.each(changes)(
    '%s: rotation, drift and fan-outs stop with the difference; no table is made or taken',
    async (what, text) => {
      const project = await openProtected()
      project.write('app/0001_tags.sql', '-- migrate:up\nCREATE TABLE tags (id INT PRIMARY KEY);\n')
      expect(await project.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      const before = await project.tables()
      project.write(file, text)
      expect(await rotateOften(project)).toEqual([2, 2, 2, 2])
      const refused = await project.run(['rotate', 'run', '--yes'])
      const said = refused.stdout + refused.stderr
      expect(said).toContain('no longer matches')
      expect(said).toContain('premake none')
      expect(said).toContain(`msg_${old.digits}`)
      for (const words of [['drift'], ['drift', '--revert', '--yes', '--allow', 'DROP_TABLE'], ['drift', '--replay']]) {
        const drift = await project.run(words)
        expect(drift, words.join(' ')).toMatchObject({ exitCode: 2 })
        expect(drift.stderr).toContain('no longer matches')
      }
      expect((await project.run(['drift', '--accept', 'x', '--yes'])).exitCode).toBe(2)
      const status = await project.run(['status'])
      expect(status.stdout).not.toContain('drift')
      const check = await project.run(['shards', 'check'])
      expect(check.exitCode).toBe(1)
      expect(check.stdout).toMatch(/no longer\s+matches/)
      expect(check.stdout).not.toContain('missing')
      project.write(
        'app/0002_more.sql',
        '-- wwdb:shards msg\n-- migrate:up\nALTER TABLE {{table}} ADD COLUMN more INT;\n',
      )
      const carried = await project.run(['migrate', '--yes'])
      expect(carried.exitCode).not.toBe(0)
      project.remove('app/0002_more.sql')
      expect(await project.tables()).toEqual(before)
      expect(what).not.toBe('')
      project.write(file, template())
      expect(await project.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
    },
  )

  test('the tables renamed by a migration, then `shards adopt`: the same shards under their new names', async () => {
    const project = await openProtected()
    const own = (await project.tables()).filter((name) => name.startsWith('msg_'))
    project.write(file, template({ name: 'msgs_{YYYYMM}' }))
    expect((await project.run(['shards', 'adopt'])).stdout).toContain('0 tables adopted')
    const renames = own.map((table) => `RENAME TABLE ${table} TO ${table.replace('msg_', 'msgs_')};`)
    project.write('app/0001_rename.sql', `-- migrate:up\n${renames.join('\n')}\n`)
    expect(await project.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await rotateOften(project)).toEqual([2, 2, 2, 2])
    const rehearsed = await project.json(['shards', 'adopt', '--dry-run'])
    expect(JSON.stringify(rehearsed.answer)).toContain(`"recorded":"msg_${old.digits}"`)
    expect(await project.run(['shards', 'adopt'])).toMatchObject({ exitCode: 0 })
    expect(await rotateOften(project)).toEqual([0, 0, 0, 0])
    expect(await rowsOf(project, `msgs_${old.digits}`)).toEqual([[`row of msg_${old.digits}`]])
    expect(await project.query(`SELECT protected_reason FROM wwdb_shards WHERE shard_key='${old.key}'`)).toEqual([
      ['case 117'],
    ])
    await project.query('DELETE FROM wwdb_shards')
    expect((await project.run(['rotate', 'run', '--yes'])).exitCode).toBe(2)
    expect(await rowsOf(project, `msgs_${old.digits}`)).toHaveLength(1)
  })

  test('another zone, adopted: the bounds of the shards are those of the zone, and retention continues', async () => {
    const project = await openProtected()
    project.write(file, template({ period: 'month zone Asia/Shanghai' }))
    expect(await project.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 2 })
    expect(await project.run(['shards', 'adopt'])).toMatchObject({ exitCode: 0 })
    expect(await rotateOften(project)).toEqual([0, 0, 0, 0])
    const [[from]] = (await project.query(
      `SELECT DATE_FORMAT(from_at,'%H:%i') FROM wwdb_shards WHERE shard_key='${current.key}'`,
    )) as [[string]]
    expect(from).toBe('16:00')
    expect(await project.query(`SELECT state FROM wwdb_shards WHERE shard_key='${monthsAgo(3).key}'`)).toEqual([
      ['dropped'],
    ])
  })

  test('the old header with `premake none`, and a template of its own for the new one: nothing old is made, all is retired in its time', async () => {
    const project = await openProtected()
    project.write(file, template().replace('premake 1 periods', 'premake none'))
    project.write('shard-templates/app/msgs.sql', template({ name: 'msgs_{YYYYMM}' }))
    await project.query(`DROP TABLE msg_${monthsAgo(-1).digits}`)
    expect((await project.run(['rotate', 'run', '--yes'])).stdout).toContain('msgs_')
    expect(await rotateOften(project)).toEqual([0, 0, 0, 0])
    const tables = await project.tables()
    expect(tables).not.toContain(`msg_${monthsAgo(-1).digits}`)
    expect(tables).toContain(`msgs_${current.digits}`)
    expect(tables).toContain(`msg_${old.digits}`)
    expect(
      await project.query(`SELECT state FROM wwdb_shards WHERE family='msg' AND shard_key='${monthsAgo(3).key}'`),
    ).toEqual([['dropped']])
  })

  test('locate names the table that is there, and warns', async () => {
    const project = await openProtected()
    project.write(file, template({ name: 'msgs_{YYYYMM}' }))
    const byKey = await project.json(['shards', 'locate', '--family', 'msg', '--key', current.key])
    expect(byKey).toMatchObject({ exitCode: 0, answer: { table: `msg_${current.digits}`, shard: { state: 'live' } } })
    project.write(file, template({ name: 'msg_{GGGG}w{WW}', period: 'week' }))
    const byTime = await project.json(['shards', 'locate', '--family', 'msg', '--at', `${current.key}-05T00:00:00Z`])
    expect(byTime).toMatchObject({ exitCode: 0, answer: { table: `msg_${current.digits}`, key: current.key } })
    expect(JSON.stringify(byTime.answer['doubts'])).toContain('no longer matches')
  })
})

describe('the table that keys come from', () => {
  test('renamed, it is not nothing: check and rotation say so', async () => {
    const keys = `-- wwdb:keys app.owners(id)\n-- wwdb:name contacts_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id INT PRIMARY KEY);\n`
    const project = await stage({ files: { 'shard-templates/app/contacts.sql': keys } })
    await project.query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
    expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
    await project.query('INSERT INTO owners VALUES (7), (42)')
    expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
    await project.query('RENAME TABLE owners TO holders')
    for (const words of [
      ['shards', 'check'],
      ['rotate', 'run', '--yes'],
    ]) {
      const run = await project.run(words)
      expect(run.exitCode).not.toBe(0)
      expect((run.stdout + run.stderr).replace(/\s+/g, ' ')).toContain(
        '`app.owners`, which has their keys, does not exist',
      )
    }
    await project.query('RENAME TABLE holders TO owners')
    await project.query('DELETE FROM owners')
    expect((await project.run(['shards', 'check'])).stdout).toContain('has no rows although')
  })
})
