import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { elasticPassword, startSecureElasticsearch } from '../../helpers/elasticsearch/elasticsearch-server.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { showUndeclared, upOfStores } from '../../helpers/stores/show-undeclared.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const declaration = `
roles:
  log_writer:
    cluster: [monitor]
    indices: [{ names: [system-logs], privileges: [create_doc] }]
users:
  shipper:
    password: \${SHIPPER_PASSWORD}
    roles: [log_writer]
`

describe.runIf(isAvailable('elasticsearch'))('users of an Elasticsearch that asks for passwords', () => {
  const openStage = withStages()
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-users-'))
  const environment = { ELASTIC_PASSWORD: elasticPassword, SHIPPER_PASSWORD: 'of-the-shipper-1' }
  let stop = async (): Promise<void> => {}
  let url = ''
  let stage: Stage
  beforeAll(async () => {
    const server = await startSecureElasticsearch(join(folder, 'node'))
    stop = server.stop
    url = server.url
    const elasticsearch = {
      url: url.replace('://', '://elastic@'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration
      password: '${ELASTIC_PASSWORD}',
    }
    const configuration = { stores: { elasticsearch } }
    const files = { 'migrations/elasticsearch/all.yaml': declaration }
    stage = await openStage({ databases: ['app'], create: false, files, configuration })
  }, 180_000)
  afterAll(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function ask(method: string, path: string, body?: object): Promise<void> {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`elastic:${elasticPassword}`).toString('base64')}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(answer.status, await answer.text()).toBe(200)
  }

  it('names an undeclared superuser in every command, and once in the report', async () => {
    const mighty = `${stage.prefix}mighty`
    await ask('PUT', `/_security/user/${mighty}`, { password: 'long-enough', roles: ['superuser'] })
    await showUndeclared(stage, {
      sentence: `User \`${mighty}\` exists, but is not declared in any file.`,
      environment,
    })
    await ask('DELETE', `/_security/user/${mighty}`)
    const whole = await stage.run(upOfStores, { environment })
    expect(whole).toMatchObject({ exitCode: 0 })
    expect(whole.stdout).not.toContain(mighty)
  })
})
