import { type ImportedItem, toItem } from '../import-items.ts'
import type { JsonObject } from './declaration.ts'
import type { ServerContents } from './import-ports.ts'
import { contentOfPolicy } from './plan-snapshots.ts'

/** Repositories and policies. No server tells the secrets of a repository: they are in the keystore of its nodes. */
export function importSnapshots({ snapshots }: ServerContents): readonly ImportedItem[] {
  const { repositories, policies } = snapshots
  return [
    ...[...repositories].map(([name, { type, settings }]) =>
      toItem({ kind: 'snapshot repository', name }, 'snapshots', ['snapshot_repositories', name], {
        type,
        ...present({ settings }),
      }),
    ),
    ...[...policies].map(([name, policy]) => {
      const { config, retention, ...head } = contentOfPolicy(policy).content
      return toItem({ kind: 'snapshot policy', name }, 'snapshots', ['snapshot_policies', name], {
        ...head,
        ...present({ config, retention }),
      })
    }),
  ]
}

function present(parts: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part ?? {}).length > 0))
}
