import { describe } from 'vitest'
import { sampleDeclaration } from '../helpers/elasticsearch/elasticsearch-declaration.ts'
import { withElasticsearch } from '../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { describeSetupLock } from './setup-lock.contract.ts'

describe.runIf(isAvailable('elasticsearch'))('the lock of setup in Elasticsearch', () => {
  const stage = withElasticsearch()
  const [policy] = sampleDeclaration.policies
  if (policy === undefined) throw new Error('the sample has a policy')
  const more = { ...sampleDeclaration, policies: [...sampleDeclaration.policies, { ...policy, name: 'more' }] }

  describeSetupLock(() => ({
    open: (declared, lease) =>
      stage().session(declared === 'first' ? sampleDeclaration : more, lease === undefined ? {} : { lease }),
  }))
})
