// A hook that posts to an incoming webhook of Slack. The webhook is in SLACK_WEBHOOK_URL, which the hook must be given by name.
import { env, exit, stderr } from 'node:process'
import { describe, post, readDocument } from './read-document.mjs'

const url = env.SLACK_WEBHOOK_URL
if (!url) {
  stderr.write('SLACK_WEBHOOK_URL is not set; name it under `environment` of the hook.\n')
  exit(1)
}
try {
  const document = await readDocument()
  const escapeMarks = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const mark =
    document.end === undefined ? ':arrow_forward:' : document.end.outcome === 'done' ? ':white_check_mark:' : ':x:'
  await post(url, { text: `${mark} ${describe(document).map(escapeMarks).join('\n')}` })
} catch (error) {
  stderr.write(`${error.message}\n`)
  exit(1)
}
