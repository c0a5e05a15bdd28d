// Drives a Chromium for the Go tests: one JSON request a line on stdin, one JSON
// answer a line on stdout, in whatever order they are done: n tells which answer
// is whose. What is expected is said in the tests.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const timeLimit = Number(process.env.TIME_LIMIT ?? 30_000); // milliseconds for any one thing

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const failed = (error) => ({ error: String(error.message ?? error).slice(0, 2000) });

const browser = await chromium.launch({
  executablePath: process.env.CLERKKIT_CHROMIUM,
  args: [
    // clerk-js takes an automated browser for one that is offline, and hides errors.
    '--disable-blink-features=AutomationControlled',
    // Chromium refuses root its sandbox. Everything it opens here is the tests' own.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
}).catch((error) => failed(error));

// bounded gives up on what does not end.
function bounded(promise, ms = timeLimit) {
  let timer;
  const late = new Promise((_, no) => { timer = setTimeout(() => no(new Error(`no end after ${ms} ms`)), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const contexts = [];
const tabs = [];

const operations = {
  async start() {
    return browser.error ? browser : {};
  },

  // tab opens a tab, of a new browser unless one is named.
  async tab(_, { context: id = -1 }) {
    let context = contexts[id];
    if (!context) {
      const made = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', viewport: { width: 900, height: 900 } });
      made.setDefaultTimeout(timeLimit);
      context = { made, requests: [], complaints: [] };
      id = contexts.push(context) - 1;
      made.on('request', (r) => context.requests.push(`${r.method()} ${r.url()}`));
      made.on('weberror', (e) => context.complaints.push(String(e.error())));
      made.on('console', (m) => {
        if (m.type() === 'error') context.complaints.push(`${m.text()} (${m.location().url})`);
      });
    }
    const page = await context.made.newPage();
    const paths = []; // where the page has been since somebody asked
    page.on('framenavigated', (f) => f === page.mainFrame() && paths.push(new URL(f.url()).pathname));
    return { context: id, tab: tabs.push({ context, page, paths }) - 1 };
  },

  async open({ page }, { url }) {
    const response = await page.goto(url);
    return { status: response.status(), url: page.url() };
  },

  // run evaluates an expression in the page. It is tried again where a navigation
  // took the page away under it.
  async run({ page }, { script }) {
    for (const end = Date.now() + timeLimit; ;) {
      try {
        return { value: await bounded(page.evaluate(script)) };
      } catch (error) {
        if (Date.now() > end || !/Execution context was destroyed|Cannot find context/.test(error.message)) throw error;
        await new Promise((done) => setTimeout(done, 50)); // the navigation is on its way
        await page.waitForLoadState();
      }
    }
  },

  async url({ page }) {
    return { url: page.url() };
  },

  // arrive waits until the tab is on its way at a path, or past it.
  async arrive({ page, paths }, { path }) {
    for (const end = Date.now() + timeLimit; !paths.includes(path);) {
      if (Date.now() > end) throw new Error(`it never came to ${path}, but to ${paths}`);
      await page.waitForTimeout(20);
    }
    paths.length = 0;
    return {};
  },

  async fill({ page }, { selector, text }) {
    await page.locator(selector).first().fill(text);
    return {};
  },

  // type presses keys one by one, where components listen for them.
  async type({ page }, { selector, text }) {
    await page.locator(selector).first().pressSequentially(text);
    return {};
  },

  async click({ page }, { selector }) {
    await page.locator(selector).first().click();
    return {};
  },

  async see({ page }, { selector }) {
    await page.locator(selector).first().waitFor();
    return {};
  },

  // fields is the text of the page, and what its fields hold.
  async fields({ page }) {
    const fields = await page.locator('input').evaluateAll((all) => all.map((f) => f.value));
    return { value: [await page.locator('body').innerText(), ...fields].join('\n') };
  },

  async screenshot({ page }, { path }) {
    await page.screenshot({ path, animations: 'disabled' });
    return {};
  },

  async log({ context }) {
    return { requests: context.requests, complaints: context.complaints };
  },

  async close({ context }) {
    // A tab that is navigating at this moment may keep its browser from closing.
    await bounded(context.made.close(), 5_000).catch(() => {});
    return {};
  },
};

async function answer(line) {
  const { n, do: what, tab, ...request } = JSON.parse(line);
  try {
    say({ ...await bounded(operations[what](tabs[tab] ?? {}, request), 2 * timeLimit), n });
  } catch (error) {
    say({ ...failed(error), n });
  }
}

for await (const line of createInterface({ input: process.stdin })) answer(line);
await bounded(browser.close?.(), 5_000).catch(() => {}); // the tests have closed our stdin, or are gone
process.exit();
