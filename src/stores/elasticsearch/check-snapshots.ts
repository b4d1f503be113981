import type { Objection } from '../declare/check-documents.ts'
import { normalText } from '../entries.ts'
import { mustBeKnown } from './check-names.ts'
import { childOf, flattenKeys } from './compare-trees.ts'
import type { Declaration, RepositoryDeclaration } from './declaration.ts'
import type { ElasticsearchDocument } from './document.ts'
import { ownMarks } from './mark.ts'
import { hasOwnFolder } from './prefix-snapshots.ts'
import { hasLogin, isReadOnly, placeOf } from './snapshot-places.ts'

/** A file has no secrets of a repository, no two of them write into one place, and a policy names one that it can write into. */
export function checkSnapshots(
  { snapshot_repositories: repositories = {}, snapshot_policies: policies = {} }: ElasticsearchDocument,
  all: Declaration,
  prefix: string,
): readonly Objection[] {
  return [
    ...Object.entries(repositories).flatMap(([name, { type, settings = {} }]) => [
      ...checkSecrets(name, flattenKeys(settings)),
      ...checkPlace({ name, type, settings: flattenKeys(settings) }, all.snapshots.repositories, prefix),
    ]),
    ...Object.entries(policies).flatMap(([name, { repository, config = {} }]) => [
      ...(typeof repository === 'string' ? checkRepository(name, repository, all.snapshots.repositories) : []),
      ...checkMetadata(name, childOf(config, 'metadata')),
    ]),
  ]
}

/** Without regard to case, `_`, `-` and dots: `accessKeySecret`, `auth_token`, `conf.fs.s3a.secret.key`. */
const secretKey = /(?:key|keyid|secret|token|password|passwd|passphrase|credentials?)$/

function checkSecrets(name: string, settings: Readonly<Record<string, unknown>>): readonly Objection[] {
  const place = ['snapshot_repositories', name, 'settings']
  return Object.entries(settings).flatMap(([key, value]): readonly Objection[] => {
    if (secretKey.test(key.toLowerCase().replaceAll(/[._-]/g, ''))) {
      const next = 'Add it to the keystore of every node, and name its `client` here.'
      return [{ path: [...place, key], says: 'is a secret, and cannot be declared', next }]
    }
    if (!hasLogin(normalText(value))) return []
    const says = 'has a user or password in its address, and cannot be declared'
    return [{ path: [...place, key], says, next: 'Let the address be reached without one.' }]
  })
}

function checkPlace(
  repository: RepositoryDeclaration,
  all: readonly RepositoryDeclaration[],
  prefix: string,
): readonly Objection[] {
  const { name, type, settings } = repository
  const path = ['snapshot_repositories', name]
  if (type === 'fs' && settings['location'] === undefined) {
    return [{ path, says: 'needs `settings.location`, a folder below `path.repo` of every node' }]
  }
  if (prefix !== '' && !isReadOnly(repository) && !hasOwnFolder(repository)) {
    return [
      {
        path,
        says: `names no folder that could get the prefix \`${prefix}\`, and would write where it does without a prefix`,
        next: 'Name one under `settings`, as `base_path`, `location` or `path`.',
      },
    ]
  }
  const place = placeOf(repository)
  const other = all.find((one) => one.name < name && place !== null && placeOf(one) === place)
  if (other === undefined) return []
  return [
    {
      path,
      says: `writes into the place of snapshot repository \`${other.name}\``,
      next: 'Choose another place: two repositories in one place damage the snapshots of each other.',
    },
  ]
}

function checkRepository(
  policy: string,
  repository: string,
  all: readonly RepositoryDeclaration[],
): readonly Objection[] {
  const path = ['snapshot_policies', policy, 'repository']
  const declared = all.find(({ name }) => name === repository)
  if (declared === undefined || !isReadOnly(declared)) return mustBeKnown(path, repository, 'snapshot repository', all)
  const next = 'Name another one, or take its `readonly` away.'
  return [{ path, says: `names snapshot repository \`${repository}\`, which is read-only`, next }]
}

/** The mark of wwdb is there. */
function checkMetadata(policy: string, metadata: Readonly<Record<string, unknown>>): readonly Objection[] {
  return Object.keys(metadata)
    .filter((key) => ownMarks.includes(key))
    .map((key) => ({
      path: ['snapshot_policies', policy, 'config', 'metadata', key],
      says: 'is written by wwdb',
      next: 'Choose another key.',
    }))
}
