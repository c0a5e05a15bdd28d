// Drives a Chromium for the Go tests: one JSON request a line on stdin, one JSON
// answer a line on stdout. What is expected is said in the tests.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const patience = 30_000; // milliseconds for any one thing

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
}).catch((error) => {
  say(failed(error));
  process.exit();
});
say({}); // ready

// bounded gives up on what does not end.
function bounded(promise, ms = patience) {
  let timer;
  const late = new Promise((_, no) => { timer = setTimeout(() => no(new Error(`no end after ${ms} ms`)), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const contexts = [];
const tabs = [];

const operations = {
  // tab opens a tab, of a new browser unless one is named.
  async tab({ context: id = -1 }) {
    let context = contexts[id];
    if (!context) {
      const made = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', viewport: { width: 900, height: 900 } });
      made.setDefaultTimeout(patience);
      context = { made, requests: [], complaints: [] };
      id = contexts.push(context) - 1;
      made.on('request', (r) => context.requests.push(`${r.method()} ${r.url()}`));
      made.on('weberror', (e) => context.complaints.push(String(e.error())));
      made.on('console', (m) => {
        if (m.type() === 'error') context.complaints.push(`${m.text()} (${m.location().url})`);
      });
    }
    return { context: id, tab: tabs.push({ context, page: await context.made.newPage() }) - 1 };
  },

  async open({ page }, { url }) {
    const response = await page.goto(url);
    return { status: response.status(), url: page.url() };
  },

  // run evaluates an expression in the page. It is tried again where a navigation
  // took the page away under it.
  async run({ page }, { script }) {
    for (let n = 0; ; n++) {
      try {
        return { value: await bounded(page.evaluate(script)) };
      } catch (error) {
        if (n === 5 || !/Execution context was destroyed|Cannot find context/.test(error.message)) throw error;
        await page.waitForLoadState();
      }
    }
  },

  async url({ page }) {
    return { url: page.url() };
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

  async text({ page }) {
    return { value: await page.locator('body').innerText() };
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

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    const operation = request.do === 'tab' ? operations.tab(request) : operations[request.do](tabs[request.tab], request);
    say(await bounded(operation, 2 * patience));
  } catch (error) {
    say(failed(error));
  }
}
await bounded(browser.close(), 5_000).catch(() => {}); // the tests have closed our stdin, or are gone
process.exit();
