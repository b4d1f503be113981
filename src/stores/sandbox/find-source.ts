import { ToolError } from '../../core/tool-error.ts'
import { findEngine, restartContainer, runContainer } from '../../sandbox/docker-engine.ts'
import { containerName } from '../../sandbox/mysql-container.ts'
import { waitUntil } from '../../sandbox/process.ts'
import type { ProgramSearch, ServerProgram } from '../../sandbox/programs.ts'
import type { StoreNode, StoreSandbox } from '../contract.ts'

/** What a store's server runs from. */
type Source =
  | { readonly type: 'program'; readonly program: ServerProgram }
  | { readonly type: 'container'; readonly container: string; readonly version: string }

/**
 * The program that starts a store's servers, or its running container. An earlier container is used again: it has the data.
 * @throws ToolError SANDBOX_UNAVAILABLE where there is neither; SANDBOX_FETCH_FAILED, SANDBOX_FAILED, STOPPED.
 */
export async function findSource(sandbox: StoreSandbox, node: StoreNode, search: ProgramSearch): Promise<Source> {
  const again = node.container === null ? null : await startContainer(sandbox, node, search)
  if (again !== null) return again
  try {
    return { type: 'program', program: await sandbox.find(search) }
  } catch (error) {
    if (!(error instanceof ToolError && error.code === 'SANDBOX_UNAVAILABLE')) throw error
    const made = await startContainer(sandbox, { ...node, container: null }, search)
    if (made === null) throw error
    return made
  }
}

/** Null where the store has no image, no Docker engine answers, or the container of an earlier run is gone. */
async function startContainer(
  { container }: StoreSandbox,
  node: StoreNode,
  { report }: ProgramSearch,
): Promise<Source | null> {
  if (container === undefined || (await findEngine()) === null) return null
  const { image, port, environment, command } = container
  report(`Starting ${image} with Docker.`)
  if (node.container !== null && !(await restartContainer(node.container))) return null
  const options = {
    name: containerName(node.directory),
    image,
    ports: { inside: port, outside: node.port },
    environment,
    ...(command === undefined ? {} : { command }),
    directory: node.directory,
  }
  const id = node.container ?? (await runContainer(options, report))
  if (id === null) return null
  const version = image.slice(image.lastIndexOf(':') + 1)
  if (await waitUntil(() => container.isReady(node.port), 180_000, 200))
    return { type: 'container', container: id, version }
  throw new ToolError('SANDBOX_FAILED', {
    what: `The container ${id.slice(0, 12)} of ${image} does not answer on port ${node.port}.`,
    next: `Check \`docker logs ${id.slice(0, 12)}\`.`,
  })
}
