// Writes the comment of a review, or replaces the one that an earlier run wrote for the same folder.
import { env } from 'node:process'

/**
 * @param about what tells the comments of one pull request apart: the folder of the configuration
 * @returns null where it is written, else why it is not
 */
export async function writeComment({ number, token, about, body }) {
  const mark = `<!-- wwdb review of ${about.replaceAll('--', '')} -->`
  const comments = `${env.GITHUB_API_URL ?? 'https://api.github.com'}/repos/${env.GITHUB_REPOSITORY}/issues`
  const request = async (method, url, content) => {
    const answer = await fetch(url, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-github-api-version': '2022-11-28',
      },
      signal: AbortSignal.timeout(30_000),
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    })
    if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname} was answered with ${answer.status}`)
    return answer
  }
  try {
    const found = await findComment(request, `${comments}/${number}/comments?per_page=100`, mark)
    const content = { body: `${mark}\n${body}` }
    if (found === null) await request('POST', `${comments}/${number}/comments`, content)
    else await request('PATCH', `${comments}/comments/${found}`, content)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** A person could write the mark first, and change later what the review says. The token of a job writes as github-actions[bot], that of an app as its bot. */
function isOurs(user) {
  return user?.type === 'Bot'
}

/** Its id. Comments come a hundred a page: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
async function findComment(request, url, mark) {
  const answer = await request('GET', url)
  const found = (await answer.json()).find(({ body, user }) => body?.startsWith(mark) && isOurs(user))
  if (found !== undefined) return found.id
  const next = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
  return next === undefined ? null : findComment(request, next, mark)
}
