import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readCron } from '../../../../src/calendar/cron.ts'
import { renderCrontab as renderEntry } from '../../../../src/shards/schedule/render-crontab.ts'
import { renderKubernetes, renderSecret } from '../../../../src/shards/schedule/render-kubernetes.ts'
import { renderSystemd as renderUnits } from '../../../../src/shards/schedule/render-systemd.ts'
import { renderVariables, type ScheduledCommand } from '../../../../src/shards/schedule/scheduled-command.ts'

const renderCrontab = (scheduled: ScheduledCommand): string => renderEntry(scheduled, '/var/log/wwdb/wwdb-rotate.log')
const renderSystemd = (scheduled: ScheduledCommand): string =>
  renderUnits(scheduled)
    .map(({ content }) => content)
    .join('\n')

function command(expression: string, changes: Partial<ScheduledCommand> = {}): ScheduledCommand {
  const outcome = readCron(expression)
  if (outcome.type === 'fault') throw new Error(outcome.why)
  return {
    name: 'wwdb-rotate',
    schedule: { expression, zone: 'Asia/Shanghai' },
    fields: outcome.fields,
    directory: '/srv/app',
    launcher: ['wwdb'],
    args: ['rotate', 'run', '--no-input'],
    user: null,
    environment: { file: '/etc/wwdb/wwdb-rotate.env', required: [], unset: [] },
    ...changes,
  }
}

describe('a crontab', () => {
  test('has the zone and the line', () => {
    expect(renderCrontab(command('17 * * * *'))).toMatchInlineSnapshot(`
      "# Made by "wwdb schedule render --as crontab".
      # Debian's cron does not know CRON_TZ: there, set the machine's own zone to Asia/Shanghai.
      # Output is added to /var/log/wwdb/wwdb-rotate.log.
      CRON_TZ=Asia/Shanghai
      SHELL=/bin/sh
      PATH=/usr/local/bin:/usr/bin:/bin
      17 * * * * { cd /srv/app && wwdb rotate run --no-input; } >> /var/log/wwdb/wwdb-rotate.log 2>&1
      "
    `)
  })

  test('quotes for the shell and for cron', () => {
    const text = renderCrontab(command('17 * * * *', { directory: "/srv/it's 100% $HOME", launcher: ['npx', 'wwdb'] }))
    expect(text).toContain(
      `17 * * * * { cd '/srv/it'\\''s 100\\% $HOME' && npx wwdb rotate run --no-input; } >> /var/log/wwdb/wwdb-rotate.log 2>&1\n`,
    )
  })
})

describe('systemd', () => {
  test('gets a service and a persistent timer', () => {
    expect(renderSystemd(command('17 * * * *'))).toMatchInlineSnapshot(`
      "# Made by "wwdb schedule render --as systemd".
      # /etc/systemd/system/wwdb-rotate.service
      [Unit]
      Description=Keep the sharded tables ahead of the calendar
      Wants=network-online.target
      After=network-online.target

      [Service]
      Type=oneshot
      WorkingDirectory=/srv/app
      ExecStart=/usr/bin/env wwdb rotate run --no-input
      # 75: another run holds the lock, and does the same.
      SuccessExitStatus=75
      # Time to finish the current statement.
      TimeoutStopSec=120
      SyslogIdentifier=wwdb-rotate

      # Made by "wwdb schedule render --as systemd".
      # /etc/systemd/system/wwdb-rotate.timer
      [Unit]
      Description=Timer that keeps the sharded tables ahead of the calendar

      [Timer]
      OnCalendar=*-*-* *:17:00 Asia/Shanghai
      Persistent=true
      RandomizedDelaySec=30

      [Install]
      WantedBy=timers.target
      "
    `)
  })

  test.each([
    ['*/20 8-10 * * 1-5', ['Mon,Tue,Wed,Thu,Fri *-*-* 08,09,10:00,20,40:00 Asia/Shanghai']],
    ['0 0 1,15 1-3 *', ['*-01,02,03-01,15 00:00:00 Asia/Shanghai']],
    ['0 0 13 * 5', ['*-*-13 00:00:00 Asia/Shanghai', 'Fri *-*-* 00:00:00 Asia/Shanghai']],
    ['* * * * 7', ['Sun *-*-* *:*:00 Asia/Shanghai']],
  ])('gets %s as calendar events', (expression, events) => {
    const text = renderSystemd(command(expression))
    expect([...text.matchAll(/^OnCalendar=(.*)$/gm)].map((match) => match[1])).toEqual(events)
  })

  test('quotes words, specifiers and variables', () => {
    const text = renderSystemd(command('17 * * * *', { directory: '/srv/100%', args: ['--env', 'a "b" $c %d'] }))
    expect(text).toContain('WorkingDirectory=/srv/100%%\n')
    expect(text).toContain('ExecStart=/usr/bin/env wwdb --env "a \\"b\\" $$c %%d"\n')
  })
})

describe('a CronJob', () => {
  test('forbids two at once and has a deadline for its start', () => {
    const text = renderKubernetes(command('17 * * * *', { launcher: ['npx', 'wwdb'] }), 'registry.example/app:1')
    expect(text).toMatchInlineSnapshot(`
      "# Made by "wwdb schedule render --as kubernetes".
      apiVersion: batch/v1
      kind: CronJob
      metadata:
        name: wwdb-rotate
      spec:
        schedule: "17 * * * *"
        timeZone: "Asia/Shanghai"
        concurrencyPolicy: Forbid
        startingDeadlineSeconds: 3600
        successfulJobsHistoryLimit: 3
        failedJobsHistoryLimit: 3
        jobTemplate:
          spec:
            # What failed is tried again by the next run, which finds what is still missing.
            backoffLimit: 0
            template:
              spec:
                restartPolicy: Never
                # Time to finish the current statement.
                terminationGracePeriodSeconds: 120
                containers:
                  - name: wwdb
                    image: "registry.example/app:1"
                    command: ["npx","wwdb"]
                    args: ["rotate","run","--no-input"]
                    securityContext:
                      allowPrivilegeEscalation: false
      "
    `)
    expect(parse(text)).toMatchObject({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      spec: { schedule: '17 * * * *', concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 3600 },
    })
  })

  test.each([
    ['* * * * *', 60],
    ['*/10 * * * *', 600],
    ['0 3 1 * *', 3600],
  ])('%s may start %i seconds late', (expression, seconds) => {
    expect(parse(renderKubernetes(command(expression), 'a')).spec.startingDeadlineSeconds).toBe(seconds)
  })

  test('calls Sunday 0, and UTC by its name in the zone files', () => {
    const { spec } = parse(
      renderKubernetes(command('0 3 * * 5-7', { schedule: { expression: '0 3 * * 5-7', zone: 'UTC' } }), 'a'),
    )
    expect(spec).toMatchObject({ schedule: '0 3 * * 0,5,6', timeZone: 'Etc/UTC' })
  })

  test('holds what could end a string of YAML', () => {
    const image = 'a"b: {c}\\#d'
    const { spec } = parse(renderKubernetes(command('0 3 * * *', { args: ['--env', "x'y: z"] }), image))
    const [container] = spec.jobTemplate.spec.template.spec.containers
    expect(container).toMatchObject({ image, args: ['--env', "x'y: z"], command: ['wwdb'] })
  })
})

describe('variables that the configuration reads', () => {
  const environment = { file: '/etc/wwdb/100% mine.env', required: ['DB_URL', 'MYSQL_PWD'], unset: ['REGION'] }

  test('those of a crontab come from a file, and a missing one ends the line', () => {
    expect(renderCrontab(command('17 * * * *', { environment }))).toContain(
      `17 * * * * { cd /srv/app && set -a && . '/etc/wwdb/100\\% mine.env' && set +a && : "\${DB_URL:?}" "\${MYSQL_PWD:?}" && wwdb rotate run`,
    )
  })

  test('those of a service come from a file, and a missing one fails before the start', () => {
    const text = renderSystemd(command('17 * * * *', { environment }))
    expect(text).toContain('EnvironmentFile=/etc/wwdb/100%% mine.env\n')
    expect(text).toContain('ExecStartPre=/bin/sh -c ": \\"$${DB_URL:?}\\" \\"$${MYSQL_PWD:?}\\""\n')
  })

  test('those of a CronJob come from a Secret, whose keys must be there', () => {
    const text = renderKubernetes(command('17 * * * *', { environment }), 'a')
    const [container] = parse(text).spec.jobTemplate.spec.template.spec.containers
    expect(container.env[0]).toEqual({
      name: 'DB_URL',
      valueFrom: { secretKeyRef: { name: 'wwdb-rotate', key: 'DB_URL' } },
    })
    expect(text).toContain('Not set here either')
  })

  test('are no lines at all where the configuration reads none', () => {
    expect(renderSystemd(command('17 * * * *'))).not.toContain('Environment')
  })

  test('are written so that a shell and systemd read the same', () => {
    const values = new Map([['DB_URL', 'mysql://u:a"b$c\\d`e\'f%@db:3306']])
    expect(renderVariables('shards', values)).toEqual({
      name: 'shards.env',
      mode: 0o600,
      content:
        '# Made by "wwdb schedule render": the variables of shards, including secrets.\n' +
        'DB_URL="mysql://u:a\\"b\\$c\\\\d\\`e\'f%@db:3306"\n',
    })
  })

  test('are written to a Secret as they are', () => {
    const value = 'a"b\\c: #d'
    const { content, mode } = renderSecret('shards', new Map([['DB_URL', value]]))
    expect(mode).toBe(0o600)
    expect(parse(content)).toMatchObject({
      kind: 'Secret',
      metadata: { name: 'shards' },
      stringData: { DB_URL: value },
    })
  })
})

describe('the account of a scheduled run', () => {
  const user = 'deploy'

  test('stands before the command in a file of /etc/cron.d', () => {
    expect(renderCrontab(command('17 * * * *', { user }))).toContain('\n17 * * * * deploy { cd /srv/app')
  })

  test('is the User of a service', () => {
    expect(renderSystemd(command('17 * * * *', { user }))).toContain('\nUser=deploy\n')
  })

  test('is a number in a pod, which then is never root', () => {
    const { spec } = parse(renderKubernetes(command('17 * * * *', { user: '1000' }), 'a'))
    const { securityContext } = spec.jobTemplate.spec.template.spec
    expect(securityContext).toEqual({ runAsNonRoot: true, runAsUser: 1000 })
  })
})

test('a line that cron would leave out as too long is refused', () => {
  expect(() => renderCrontab(command('17 * * * *', { directory: `/srv/${'a'.repeat(960)}` }))).toThrow(
    'The line of the crontab has 1041 characters, but cron takes at most 998.',
  )
})
