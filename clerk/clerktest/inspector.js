// Looks every second and puts in place what has changed. Without it the page
// works too, and loads again by itself.
const look = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch("/_emulator/", { credentials: "omit" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const here of document.querySelectorAll("[data-live]")) {
      const there = page.getElementById(here.id);
      if (there && there.innerHTML !== here.innerHTML && !here.contains(document.activeElement?.closest("button, input, a"))) {
        here.replaceChildren(...there.childNodes);
      }
    }
    document.body.classList.remove("stopped");
  } catch {
    document.body.classList.add("stopped"); // the emulator is gone
  }
};
setInterval(look, 1000);
