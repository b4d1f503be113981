import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { git } from '../tool/git.ts'
import { withProjects } from '../tool/project.ts'

/** A repository as a host has it, with pull requests and their comments. */
export interface Repository {
  /** Commits files on a branch, which begins at `main` where it is new; null removes a file. Returns the commit. */
  readonly commit: (branch: string, files: Readonly<Record<string, string | null>>) => string
  /** Makes the merge commit of a pull request as the host does, at `refs/pull/NUMBER/merge`. */
  readonly openPullRequest: (number: number, branch: string, into?: string) => string
  /** Brings a branch to `main` by one of the three buttons of the host, and drops it. */
  readonly merge: (branch: string, how: 'merge' | 'squash' | 'rebase') => void
  /** The text of a file of `main`. */
  readonly read: (file: string) => string
  /** A clone as actions/checkout makes it; `depth` 0 is all of it. */
  readonly checkout: (commit: string, depth: number) => string
}

/** Makes repositories that vanish with the test file that asked for them. To be called at its top. */
export function withRepositories(): (files: Readonly<Record<string, string>>) => Repository {
  const project = withProjects()
  return (files) => {
    const repository = openRepository(project({}))
    repository.commit('main', files)
    return repository
  }
}

function openRepository(folder: string): Repository {
  const [remote, work] = [join(folder, 'remote.git'), join(folder, 'work')]
  git(folder, 'init', '-q', '--bare', remote)
  git(folder, 'clone', '-q', remote, work)
  let clones = 0
  const has = (branch: string): boolean => git(remote, 'branch', '--list', branch) !== ''
  const take = (branch: string): void => {
    if (has(branch)) git(work, 'checkout', '-q', '--detach', `origin/${branch}`)
    else if (has('main')) git(work, 'checkout', '-q', '--detach', 'origin/main')
  }
  return {
    commit: (branch, files) => {
      take(branch)
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(work, name)), { recursive: true })
        if (text === null) rmSync(join(work, name))
        else writeFileSync(join(work, name), text)
      }
      git(work, 'add', '-A')
      git(work, 'commit', '-qm', branch)
      git(work, 'push', '-qf', 'origin', `HEAD:refs/heads/${branch}`)
      return git(work, 'rev-parse', 'HEAD')
    },
    openPullRequest: (number, branch, into = 'main') => {
      take(into)
      git(work, 'merge', '-q', '--no-ff', '-m', `merge ${number}`, `origin/${branch}`)
      git(work, 'push', '-qf', 'origin', `HEAD:refs/pull/${number}/merge`)
      return git(work, 'rev-parse', 'HEAD')
    },
    merge: (branch, how) => {
      take('main')
      if (how === 'merge') git(work, 'merge', '-q', '--no-ff', '-m', `merge ${branch}`, `origin/${branch}`)
      if (how === 'squash') {
        git(work, 'merge', '-q', '--squash', `origin/${branch}`)
        git(work, 'commit', '-qm', `squash ${branch}`)
      }
      if (how === 'rebase') {
        git(work, 'checkout', '-q', '--detach', `origin/${branch}`)
        git(work, 'rebase', '-q', 'origin/main')
      }
      git(work, 'push', '-q', 'origin', 'HEAD:refs/heads/main', `:refs/heads/${branch}`)
    },
    read: (file) => git(remote, 'show', `main:${file}`),
    checkout: (commit, depth) => {
      clones += 1
      const clone = join(folder, `clone-${clones}`)
      git(folder, 'init', '-q', clone)
      // A path would be copied whole, whatever the depth.
      git(clone, 'remote', 'add', 'origin', `file://${remote}`)
      const all = ['+refs/heads/*:refs/remotes/origin/*', '+refs/pull/*:refs/remotes/pull/*']
      git(
        clone,
        'fetch',
        '-q',
        ...(depth === 0 ? [] : [`--depth=${depth}`]),
        'origin',
        ...(depth === 0 ? all : [commit]),
      )
      git(clone, 'checkout', '-q', '--detach', commit)
      return clone
    },
  }
}

/** The comments of pull requests, over the part of GitHub's API that they need. */
export interface CommentServer {
  readonly url: string
  readonly bodies: () => readonly string[]
  /** Of a person. */
  readonly add: (body: string) => void
  /** As for a token that may only read. */
  readonly refuseWrites: () => void
  readonly close: () => void
}

export async function startCommentServer(): Promise<CommentServer> {
  const comments: { id: number; body: string; user: { type: string } }[] = []
  let mayWrite = true
  const perPage = 2
  const server = createServer(async (request, answer) => {
    let text = ''
    for await (const part of request) text += part
    const asked = new URL(request.url ?? '/', 'http://localhost')
    const send = (status: number, content: object, headers: Readonly<Record<string, string>> = {}): void => {
      answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content))
    }
    if (request.headers.authorization !== 'Bearer token-of-the-job') return send(401, {})
    const page = Number(asked.searchParams.get('page') ?? 1)
    if (request.method === 'GET' && asked.pathname === '/repos/acme/shop/issues/7/comments') {
      const isLast = page * perPage >= comments.length
      asked.searchParams.set('page', String(page + 1))
      const link = isLast
        ? {}
        : { link: `<http://${request.headers.host}${asked.pathname}${asked.search}>; rel="next"` }
      return send(200, comments.slice((page - 1) * perPage, page * perPage), link)
    }
    if (!mayWrite) return send(403, { message: 'Resource not accessible by integration' })
    const { body } = JSON.parse(text)
    if (request.method === 'POST' && asked.pathname === '/repos/acme/shop/issues/7/comments') {
      comments.push({ id: comments.length + 1, body, user: { type: 'Bot' } })
      return send(201, {})
    }
    const id = /^\/repos\/acme\/shop\/issues\/comments\/(\d+)$/.exec(asked.pathname)?.[1]
    const found = comments.find((comment) => request.method === 'PATCH' && String(comment.id) === id)
    if (found === undefined) return send(404, {})
    found.body = body
    return send(200, {})
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies: () => comments.map(({ body }) => body),
    add: (body) => void comments.push({ id: comments.length + 1, body, user: { type: 'User' } }),
    refuseWrites: () => {
      mayWrite = false
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
