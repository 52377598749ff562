/**
 * Undici, which is loaded when something is fetched: most commands never do. A module of ours, because a CommonJS package that
 * is itself imported late gives a bundle nothing but its default export.
 */
export { EnvHttpProxyAgent, request } from 'undici'
