// A hook that posts to a group robot of WeCom (企业微信群机器人). Its webhook is in WECOM_WEBHOOK_URL, which the hook must be given by name.
import { env, exit, stderr } from 'node:process'
import { describe, post, readDocument } from './read-document.mjs'

/** A message of a robot has at most 4096 bytes. */
const longest = 4096

const url = env.WECOM_WEBHOOK_URL
if (!url) {
  stderr.write('WECOM_WEBHOOK_URL is not set; name it under `environment` of the hook.\n')
  exit(1)
}
try {
  const document = await readDocument()
  const [title, ...more] = describe(document)
  const color = document.end === undefined ? 'comment' : document.end.outcome === 'done' ? 'info' : 'warning'
  const content = [`**wwdb** <font color="${color}">${title}</font>`, ...more.map((line) => `> ${line}`)].join('\n')
  const bytes = Buffer.from(content).subarray(0, longest)
  const answer = JSON.parse(
    await post(url, {
      msgtype: 'markdown',
      markdown: { content: new TextDecoder().decode(bytes).replace(/\uFFFD$/, '') },
    }),
  )
  // A robot answers 200 to what it refuses.
  if (answer.errcode !== 0) throw new Error(`WeCom refuses the message: ${answer.errcode} ${answer.errmsg}`)
} catch (error) {
  stderr.write(`${error.message}\n`)
  exit(1)
}
