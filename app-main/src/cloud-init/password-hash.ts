/** Passwords as a guest's /etc/shadow keeps them. */
import { spawn } from 'node:child_process'
import { RemoteError } from '../contract/index.ts'

const DEADLINE_MS = 10_000
export const MOST_PASSWORD = 256

/** SHA-512 crypt with a salt of its own. The password reaches the program on its input, never as an argument. */
export const hashPassword = (password: string): Promise<string> =>
  new Promise((resolve, reject) => {
    // OpenSSL reads one line.
    if (password === '' || password.length > MOST_PASSWORD || /[\0\r\n]/.test(password)) {
      const message = `A password is one line of 1 to ${MOST_PASSWORD} characters.`
      return reject(new RemoteError({ kind: 'invalid-input', message }))
    }
    const child = spawn('openssl', ['passwd', '-6', '-stdin'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${password}\n`)
    const failed = (message: string, cause?: Error) =>
      reject(new RemoteError({ kind: 'precondition', message, hint: 'Install the package openssl.' }, { cause }))
    child.once('error', cause => failed('openssl, which hashes passwords, cannot be run.', cause))
    child.once('close', code => {
      const hash = out.trim()
      if (code === 0 && /^\$6\$[./0-9A-Za-z]+\$[./0-9A-Za-z]{86}$/.test(hash)) resolve(hash)
      else failed('openssl gave no SHA-512 hash.')
    })
  })
