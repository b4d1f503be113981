import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readDeclarations } from '../../../src/stores/declare/read-declarations.ts'
import { readDeclaration } from '../../../src/stores/elasticsearch/schema.ts'
import { applyAll, withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

function platform() {
  const directory = join(import.meta.dirname, '../../../migrations/elasticsearch')
  const reading = readDeclaration(
    readDeclarations({ directory, root: directory, variables: { WWDB_ES_REPLICAS: '0' } }).documents,
    { prefix: '' },
  )
  if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
  return reading.declaration
}

describe.runIf(isAvailable('elasticsearch'))('the platform on Elasticsearch', () => {
  const stage = withElasticsearch()

  it('is all made, takes one of each kind of document, and finds it by a Chinese word', async () => {
    const session = stage().session(platform())
    const { after } = await applyAll(session)
    await session.close()
    expect(after.changes).toEqual([])
    const time = '2026-11-25T08:00:00Z'
    const documents: readonly (readonly [string, Readonly<Record<string, unknown>>, string, string])[] = [
      [
        'wework-system-logs',
        {
          '@timestamp': time,
          level: 'ERROR',
          message: '企业微信实例连接超时',
          ip_address: 'unknown',
          context: { step: '登录' },
        },
        'message',
        '连接超时',
      ],
      [
        'wework-audit-logs',
        { '@timestamp': time, operation: 'delete', resource_name: '销售部客户群', old_values: { name: '客户群' } },
        'resource_name',
        '销售',
      ],
      [
        'wework-alerts',
        {
          '@timestamp': time,
          alert_level: 'CRITICAL',
          alert_title: '磁盘空间不足',
          alert_message: '数据目录只剩百分之五',
        },
        'alert_title',
        '磁盘空间',
      ],
      [
        'wework-messages',
        { message_uuid: 'm1', message_content: '明天上午十点开会讨论合同', send_time: time },
        'message_content',
        '合同',
      ],
      [
        'wework-contacts',
        { wxid: 'wx1', nickname: '张经理', remark: '上海客户', signature: '诚信为本' },
        'remark',
        '上海',
      ],
    ]
    for (const [name, document, field, word] of documents) {
      const place = `/${stage().prefix}${name}`
      await stage().request('POST', `${place}/_doc?refresh=true`, document)
      const { hits } = await stage().request('POST', `${place}/_search`, {
        query: { match: { [field]: { query: word, operator: 'and' } } },
      })
      expect([name, hits.total.value]).toEqual([name, 1])
    }
  })
})
