import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { git } from '../../helpers/tool/git.ts'
import { configuration, withProjects } from '../../helpers/tool/project.ts'
import { runToolHere } from '../../helpers/tool/tool-here.ts'

/** The first run of the tool loads all of its sources. */
vi.setConfig({ testTimeout: 60_000 })

const project = withProjects()
const orders = 'migrations/app/20260101000000_orders.sql'
const prices = 'migrations/app/20260102000000_prices.sql'
const view = 'migrations/app/R__totals.sql'
const template = 'shard-templates/app/logs.sql'

const create = (table: string): string =>
  `-- migrate:up\nCREATE TABLE ${table} (id BIGINT PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE ${table};\n`

const logs = (columns = ''): string =>
  '-- wwdb:period month\n-- wwdb:name logs_{YYYYMM}\n-- wwdb:archive none\n' +
  `CREATE TABLE {{table}} (id BIGINT PRIMARY KEY${columns}, at DATETIME NOT NULL);\n`

interface Change {
  readonly write: (file: string, text: string) => void
  readonly remove: (file: string) => void
  readonly git: (...words: readonly string[]) => void
}

/** A service in a folder of a repository, with a branch that has made a change. */
function branch(change: (made: Change) => void, settings: object = {}, folder = 'services/shop') {
  const top = project({})
  const root = join(top, folder)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const run = (...words: readonly string[]): void => void git(top, ...words)
  run('init', '-q', '-b', 'main')
  write('wwdb.config.json', configuration('mysql://user@127.0.0.1:1/app', settings))
  write(orders, create('orders'))
  write(prices, create('prices'))
  write(view, 'CREATE OR REPLACE VIEW totals AS SELECT 1 AS one;\n')
  write(template, logs())
  run('add', '-A')
  run('commit', '-qm', 'first')
  run('checkout', '-qb', 'work')
  change({ write, git: run, remove: (file) => rmSync(join(root, file)) })
  return { top, root, write, run }
}

async function findings(cwd: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runToolHere(['lint', '--since', 'main', '--json', ...words], { cwd })
  const answer: {
    readonly findings: readonly { readonly code: string; readonly file: string; readonly severity: string }[]
  } = JSON.parse(stdout)
  return answer.findings
    .filter(({ code }) => /^(MIGRATION|TEMPLATE)_(EDITED|DELETED|RENAMED|LATE)$/.test(code))
    .map(({ code, file, severity }) => `${severity} ${code} ${file}`)
}

describe('what a branch may not do to files that its base has', () => {
  test.each<[string, (made: Change) => void, readonly string[]]>([
    ['edit a migration', ({ write }) => write(orders, create('orders_new')), [`error MIGRATION_EDITED ${orders}`]],
    ['delete a migration', ({ remove }) => remove(orders), [`error MIGRATION_DELETED ${orders}`]],
    [
      'give a migration another name',
      ({ git: run }) => run('mv', `services/shop/${orders}`, 'services/shop/migrations/app/20260101000000_order.sql'),
      ['error MIGRATION_RENAMED migrations/app/20260101000000_order.sql'],
    ],
    [
      'give a migration another version',
      ({ git: run }) => run('mv', `services/shop/${orders}`, 'services/shop/migrations/app/20260103000000_orders.sql'),
      ['error MIGRATION_RENAMED migrations/app/20260103000000_orders.sql'],
    ],
    [
      'add a migration below the newest one',
      ({ write }) => write('migrations/app/20260101120000_late.sql', create('late')),
      ['error MIGRATION_LATE migrations/app/20260101120000_late.sql'],
    ],
    [
      'edit the table of a template alone',
      ({ write }) => write(template, logs(', note VARCHAR(9)')),
      [`error TEMPLATE_EDITED ${template}`],
    ],
    ['delete a template', ({ remove }) => remove(template), [`error TEMPLATE_DELETED ${template}`]],
    [
      'rename a template',
      ({ git: run }) => run('mv', `services/shop/${template}`, 'services/shop/shard-templates/app/log.sql'),
      ['error TEMPLATE_DELETED shard-templates/app/log.sql'],
    ],
  ])('%s', async (_what, change, expected) => {
    const { root, run } = branch(change)
    expect(await findings(root)).toEqual(expected)
    run('add', '-A')
    run('commit', '-qm', 'change')
    expect(await findings(root)).toEqual(expected)
    const { exitCode } = await runToolHere(['lint', '--since', 'main'], { cwd: root })
    expect(exitCode).toBe(1)
  })

  test.each<[string, (made: Change) => void]>([
    [
      'a new migration after the newest one',
      ({ write }) => write('migrations/app/20260103000000_new.sql', create('n')),
    ],
    [
      'an edited repeatable migration',
      ({ write }) => write(view, 'CREATE OR REPLACE VIEW totals AS SELECT 2 AS one;\n'),
    ],
    ['other line ends', ({ write }) => write(orders, create('orders').replaceAll('\n', '\r\n'))],
    ['comments of a template', ({ write }) => write(template, `-- logs of the application\n${logs()}`)],
    [
      'a template together with a migration for its shards',
      ({ write }) => {
        write(template, logs(', note VARCHAR(9)'))
        const up = 'ALTER TABLE logs ADD COLUMN note VARCHAR(9);'
        const down = 'ALTER TABLE logs DROP COLUMN note;'
        write(
          'migrations/app/20260103000000_note.sql',
          `-- wwdb:shards logs\n-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`,
        )
      },
    ],
    [
      'a squashed file for those that it names',
      ({ write, git: run }) => {
        run('rm', '-q', `services/shop/${orders}`, `services/shop/${prices}`)
        write(
          'migrations/app/20260102000000_squashed.sql',
          '-- wwdb:squashes 20260101000000 20260102000000\n' +
            '-- migrate:up\nCREATE TABLE orders (id BIGINT PRIMARY KEY);\nCREATE TABLE prices (id BIGINT PRIMARY KEY);\n\n' +
            '-- migrate:down\nDROP TABLE prices;\nDROP TABLE orders;\n',
        )
      },
    ],
    [
      'a folder of migrations that moves as a whole',
      ({ write, git: run }) => {
        run('mv', 'services/shop/migrations', 'services/shop/sql')
        const databases = { app: { migrations: 'sql/app' } }
        write('wwdb.config.json', configuration('mysql://user@127.0.0.1:1/app', { databases }))
      },
    ],
  ])('it may: %s', async (_what, change) => {
    const { root, run } = branch(change)
    run('add', '-A')
    run('commit', '-qm', 'change')
    expect(await findings(root)).toEqual([])
  })

  test('a file is late below what landed on the base after the branch began, unless the project allows that', async () => {
    const late = ({ write, git: run }: Change): void => {
      write('migrations/app/20260103000000_mine.sql', create('mine'))
      run('add', '-A')
      run('commit', '-qm', 'mine')
      run('checkout', '-q', 'main')
      write('migrations/app/20260104000000_theirs.sql', create('theirs'))
      run('add', '-A')
      run('commit', '-qm', 'theirs')
      run('checkout', '-q', 'work')
    }
    const mine = 'MIGRATION_LATE migrations/app/20260103000000_mine.sql'
    expect(await findings(branch(late).root)).toEqual([`error ${mine}`])
    expect(await findings(branch(late, { outOfOrder: 'warn' }).root)).toEqual([`warning ${mine}`])
    expect(await findings(branch(late, { outOfOrder: 'allow' }).root)).toEqual([])
  })

  test('a migration that moves to another database is deleted there, and new and late here', async () => {
    const moved = ({ write, git: run }: Change): void => {
      run('checkout', '-q', 'main')
      write('migrations/other/20260101120000_moved.sql', create('moved'))
      run('add', '-A')
      run('commit', '-qm', 'other')
      run('checkout', '-q', '-B', 'work')
      run('mv', 'services/shop/migrations/other/20260101120000_moved.sql', 'services/shop/migrations/app')
    }
    expect(await findings(branch(moved, { databases: { app: {}, other: {} } }).root)).toEqual([
      'error MIGRATION_LATE migrations/app/20260101120000_moved.sql',
      'error MIGRATION_DELETED migrations/other/20260101120000_moved.sql',
    ])
  })

  test('findings that a team has accepted are in the baseline, and are not reported again', async () => {
    const { root } = branch(({ write }) => write(orders, create('orders_new')))
    await runToolHere(['lint', '--since', 'main', '--write-baseline'], { cwd: root })
    expect(await findings(root)).toEqual([])
  })
})

test('paths begin at the root of the repository, from wherever the tool is started', async () => {
  const { top, root } = branch(({ write }) => write(orders, create('orders_new')))
  const path = `services/shop/${orders}`
  const ways: readonly (readonly [string, readonly string[]])[] = [
    [root, []],
    [join(root, 'migrations'), ['--config', '../wwdb.config.json']],
    [top, ['--cwd', 'services/shop']],
    [top, ['--config', 'services/shop/wwdb.config.json']],
  ]
  for (const [cwd, words] of ways) {
    const lint = async (format: string): Promise<string> =>
      (await runToolHere(['lint', '--since', 'main', '--format', format, ...words], { cwd })).stdout
    expect(await lint('github')).toContain(`::error file=${path},line=2,`)
    expect(await lint('junit')).toContain(`classname="${path}"`)
    const gitlab: readonly { readonly check_name: string; readonly location: { readonly path: string } }[] = JSON.parse(
      await lint('gitlab'),
    )
    expect(gitlab.find(({ check_name }) => check_name === 'MIGRATION_EDITED')?.location.path).toBe(path)
    const [run] = JSON.parse(await lint('sarif')).runs
    const edited = run.results.find(({ ruleId }: { readonly ruleId: string }) => ruleId === 'MIGRATION_EDITED')
    expect(run.tool.driver.rules[edited.ruleIndex].id).toBe('MIGRATION_EDITED')
    const { uri, uriBaseId } = edited.locations[0].physicalLocation.artifactLocation
    expect(uri).toBe(path)
    expect(readFileSync(new URL(uri, run.originalUriBaseIds[uriBaseId].uri), 'utf8')).toBe(create('orders_new'))
  }
})

test.each<[string, (text: string) => string, number]>([
  ['lost lines at its end', (text) => text.slice(0, text.indexOf('-- migrate:down')), 3],
  ['lost lines at its end with the line end before them', (text) => text.slice(0, text.indexOf('\n\n-- migrate')), 2],
  ['lost the line end of its last line', (text) => text.slice(0, -1), 5],
  ['lost a line in the middle', (text) => text.replace('\n\n', '\n'), 3],
  ['got lines at its end', (text) => `${text}-- The end.\n`, 6],
  ['got a line in the middle', (text) => text.replace('\n\n', '\n-- What it was before.\n\n'), 3],
])('a migration that %s is shown at a line that it has', async (_what, edit, line) => {
  const { root } = branch(({ write }) => write(orders, edit(create('orders'))))
  const { stdout } = await runToolHere(['lint', '--since', 'main', '--format', 'github'], { cwd: root })
  const edited = stdout.split('\n').find((one) => /^::error .*MIGRATION_EDITED/.test(one))
  expect(edited).toContain(`,line=${line},`)
})

test('a repository of another user is named as that, and the way out that is given works', async () => {
  const { top, root } = branch(({ write }) => write(orders, create('orders_new')))
  vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1')
  vi.stubEnv('GIT_CONFIG_GLOBAL', join(top, 'gitconfig'))
  try {
    const refused = await runToolHere(['lint', '--since', 'main'], { cwd: root })
    expect(refused.exitCode).toBe(64)
    const way = /`git (config --global --add safe\.directory '[^`]*')`/.exec(refused.stderr)?.[1] ?? refused.stderr
    execFileSync('sh', ['-c', `git ${way}`], { cwd: root })
    expect((await runToolHere(['lint', '--since', 'main'], { cwd: root })).stdout).toContain('MIGRATION_EDITED')
  } finally {
    vi.unstubAllEnvs()
  }
})
