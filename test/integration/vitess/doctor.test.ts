import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const files = {
  'message_db/20260101000000_messages.sql': migration(
    'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY);\nALTER TABLE messages ADD COLUMN body VARCHAR(20) NULL;',
    'DROP TABLE messages;',
  ),
}
const open = (configuration?: object): Promise<VitessStage> =>
  openVitessStage(openStage, vitess(), { files, ddlStrategy: 'direct', ...(configuration && { configuration }) })

interface Answer {
  readonly findings: readonly { readonly code: string; readonly what: string }[]
  readonly unchecked: readonly string[]
  readonly servers: object
}

async function examine({ json }: Pick<VitessStage, 'json'>): Promise<Answer> {
  const { answer } = await json(['doctor'])
  return answer as unknown as Answer
}

const codes = ({ findings }: Answer): readonly string[] => findings.map(({ code }) => code)

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('the doctor of a keyspace', () => {
  it('says what it did not ask the servers behind vtgate', { timeout: 60_000 }, async () => {
    const stage = await open()
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    const answer = await examine(stage)
    expect(answer.unchecked).toEqual([expect.stringMatching(/is a vtgate: settings, accounts, .* were not checked/)])
    expect(answer.servers).toEqual({ answered: 1, all: 1 })
    expect(codes(answer)).not.toEqual(expect.arrayContaining(['server-unsupported']))
    expect(codes(answer)).not.toContain('run-stopped')
  })

  it('finds a run that stopped, and a journal that cannot be used', { timeout: 60_000 }, async () => {
    const stage = await open()
    stage.write(
      'message_db/20260102000000_wrong.sql',
      migration('ALTER TABLE messages ADD COLUMN more INT NULL;\nALTER TABLE messages DROP COLUMN nothing;'),
    )
    expect((await stage.run(['migrate', '--yes', '--allow', 'drop-column'])).exitCode).toBe(2)
    expect(codes(await examine(stage))).toContain('run-stopped')
    const spread = await open({
      databases: { user_db: { vitess: { journal: 'user_db' } }, message_db: { vitess: { journal: 'gone' } } },
    })
    const { findings } = await examine(spread)
    expect(findings.map(({ what }) => what)).toContainEqual(expect.stringContaining('The keyspace `gone`'))
  })

  it('finds a keyspace that does not exist', { timeout: 60_000 }, async () => {
    const stage = await open({
      databases: {
        user_db: { vitess: { journal: 'user_db' } },
        message_db: { schema: 'gone_db', vitess: { journal: 'user_db' } },
      },
    })
    const { findings } = await examine(stage)
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'schema-missing', what: 'The keyspace `gone_db` does not exist.' }),
    )
  })

  it('names a vtgate that does not answer', { timeout: 60_000 }, async () => {
    const gone = { url: 'mysql://root@127.0.0.1:1', vitess: { journal: 'user_db' } }
    const stage = await open({ databases: { user_db: { vitess: { journal: 'user_db' } }, message_db: gone } })
    expect(codes(await examine(stage))).toContain('server-unreachable')
  })
})
