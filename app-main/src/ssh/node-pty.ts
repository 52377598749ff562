/** A module of ours: a CommonJS package that is itself imported late gives a bundle nothing but its default export. */
export { spawn } from '@lydell/node-pty'
