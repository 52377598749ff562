import '@fontsource-variable/inter/index.css'
import '@fontsource-variable/jetbrains-mono/index.css'
import './style/tokens.css'
import './style/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { createClient, detectBridge } from './bridge/index.ts'
import { fetchParts } from './lazy-part.tsx'
import { createStores } from './store/stores.ts'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root.')

const bridge = detectBridge()
const stores = createStores(createClient(bridge), bridge)
createRoot(root).render(
  <StrictMode>
    <App stores={stores} />
  </StrictMode>,
)
void fetchParts()
