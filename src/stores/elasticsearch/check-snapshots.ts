import type { Objection } from '../declare/check-documents.ts'
import { mustBeKnown } from './check-names.ts'
import { flattenKeys } from './compare-trees.ts'
import type { Declaration } from './declaration.ts'
import type { ElasticsearchDocument } from './document.ts'

/** A file has no secrets of a repository, and a policy names one that is there. */
export function checkSnapshots(
  { snapshot_repositories: repositories = {}, snapshot_policies: policies = {} }: ElasticsearchDocument,
  all: Declaration,
): readonly Objection[] {
  return [
    ...Object.entries(repositories).flatMap(([name, { settings = {} }]) => checkSecrets(name, settings)),
    ...Object.entries(repositories).flatMap(([name, { type, settings = {} }]) =>
      type === 'fs' && settings['location'] === undefined
        ? [
            {
              path: ['snapshot_repositories', name],
              says: 'needs `settings.location`, a folder below `path.repo` of every node',
            },
          ]
        : [],
    ),
    ...Object.entries(policies).flatMap(([name, { repository }]) =>
      typeof repository === 'string'
        ? mustBeKnown(
            ['snapshot_policies', name, 'repository'],
            repository,
            'snapshot repository',
            all.snapshots.repositories,
          )
        : [],
    ),
  ]
}

const secretKey = /(?:^|[._])(?:(?:access|secret)_key|(?:session|sas)_token|password|secret|key)$/

function checkSecrets(name: string, settings: Readonly<Record<string, unknown>>): readonly Objection[] {
  return Object.keys(flattenKeys(settings))
    .filter((key) => secretKey.test(key))
    .map((key) => ({
      path: ['snapshot_repositories', name, 'settings', key],
      says: 'is a secret, and cannot be declared',
      next: 'Add it to the keystore of every node, and name its `client` here.',
    }))
}
