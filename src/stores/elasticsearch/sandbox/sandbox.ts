import type { StoreSandbox } from '../../sandbox-contract.ts'
import { endElasticsearchNode, startElasticsearchNode } from './node.ts'
import { findElasticsearch } from './program.ts'

/** One node, without security. */
export const elasticsearchSandbox: StoreSandbox = {
  count: 1,
  distance: 40,
  launch: async ({ places, interrupted, started }) => {
    const program = await findElasticsearch(interrupted)
    for (const place of places) await started(await startElasticsearchNode({ ...place, program, interrupted }))
    return program.version
  },
  end: (node) => endElasticsearchNode(node),
  variables: ([port = 0]) => ({ WWDB_STORES_ELASTICSEARCH_URL: `http://127.0.0.1:${port}` }),
}
