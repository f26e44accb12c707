// Sends a consultation form in the background. The page stays open and nothing typed is lost. Add it to a site with
//   <script src="https://API/form.js" defer></script>
// It handles each <form data-consultation-form method="post" action="https://API/consultations">.
// The API's answers say what to change. The script has its own words for everything else, such as a lost answer.
// The script needs no other script, defines no globals and inserts all words as text, so it works under a strict CSP
// with the API's origin in script-src and connect-src. If it cannot run, the form still works as a plain form.
(() => {
  "use strict";

  // The API fills in these two lines when it serves the script. The words are in functions/shared/text/en/script.py.
  // If an answer has phone numbers, they are used instead of these.
  const HELP = /*HELP*/{"clinic_phone": "", "crisis_line": "988", "emergency_number": "911"}/*HELP*/;
  const WORDS = /*WORDS*/{}/*WORDS*/;

  const TRIES = 3;
  const ANSWER_WITHIN = 25_000; // milliseconds, like all below
  const PAUSES = [1_000, 4_000]; // before the second and the third try, unless the API asks for another pause
  const PATIENCE = 20_000; // for all pauses together; after that, people think that nothing is happening
  const CAMPAIGN = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
  const YES = ["yes", "true", "on", "1"];
  const DRAFT_LIVES = 60 * 60 * 1000; // milliseconds
  const NOT_DRAFTED = ["hidden", "password", "file", "submit", "button", "image", "reset"];

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter(Boolean)); // strings become text, never markup
    return element;
  };

  const newId = () => {
    if (crypto.randomUUID) return crypto.randomUUID(); // on https and localhost only
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const attempt = (action) => { // for optional steps: storage may be blocked or full, widgets may break
    try { return action(); } catch { return null; }
  };

  // Replace each {name} in a sentence with a part: a text or an element.
  const fill = (sentence, parts) =>
    sentence.split(/\{(\w+)\}/).map((piece, index) => (index % 2 ? parts[piece] : piece));

  const isBox = (control) => control.type === "checkbox" || control.type === "radio";
  const asWords = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

  const helpLines = (help) => {
    const link = (scheme, number, ...words) =>
      make("a", { href: `${scheme}:${number.replace(/[^\d+]/g, "")}` }, ...words);
    const [danger, line, clinic] = [help.emergency_number, help.crisis_line, help.clinic_phone];
    const call = link("tel", line, ...fill(WORDS.call, { crisis_line: line }));
    const text = link("sms", line, ...fill(WORDS.text, { crisis_line: line }));
    const lines = make("div", { class: "consultation-help" },
      make("p", {}, ...fill(WORDS.danger, { emergency_number: link("tel", danger, danger) })),
      make("p", {}, ...fill(WORDS.crisis, { call, text })));
    if (clinic) lines.append(make("p", {}, ...fill(WORDS.clinic, { clinic_phone: link("tel", clinic, clinic) })));
    return lines;
  };

  // A visitor in crisis reads the numbers to call before anything else.
  const withHelp = (urgent, help, parts) => {
    if (!urgent) return [...parts, helpLines(help)];
    const now = make("p", {}, make("strong", {}, WORDS.in_crisis));
    return [make("div", { class: "consultation-crisis" }, now, helpLines(help)), ...parts];
  };

  // Send once. Return the API's answer, or null if none arrived. Then we cannot know whether the request arrived.
  async function post(url, fields) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ANSWER_WITHIN);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        credentials: "omit",
        body: JSON.stringify(fields),
        signal: stop.signal,
      });
      const text = await response.text(); // throws if the answer breaks off
      const seconds = response.headers.get("Retry-After");
      const pause = /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : null;
      return { status: response.status, pause, answer: attempt(() => JSON.parse(text)) ?? {} };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  // Retry if that may help. Each try has the same submission id, so the API stores one request at most.
  async function deliver(url, fields, { onRetry, renewId }) {
    let patience = PATIENCE;
    let renewed = false;
    let unanswered = 0;
    let doubtful = false;
    for (let tries = 1; ; tries += 1) {
      let reply = await post(url, fields);
      if (reply?.status === 409 && !renewed) {
        // The API stored an earlier try whose answer was lost. The visitor then changed the form, so this is a new
        // request.
        renewed = true;
        fields.submission_id = renewId();
        reply = await post(url, fields);
      }
      if (!reply) unanswered += 1;
      // There was no answer, or one without our words. We cannot know what happened to this try.
      doubtful ||= !reply || (!reply.answer.title && !(reply.status >= 400 && reply.status < 500));
      const passing = !reply || reply.status === 429 || reply.status >= 500;
      if (!passing || tries === TRIES || !patience) {
        return { reply, passing, doubtful, answered: unanswered < tries };
      }
      const pause = Math.min(reply?.pause ?? PAUSES[tries - 1], patience);
      patience -= pause;
      onRetry(tries + 1);
      await new Promise((done) => { setTimeout(done, pause); });
    }
  }

  function enhance(form, index) {
    const action = new URL(form.getAttribute("action") ?? "", document.baseURI).href; // a field may be named "action"
    const draftKey = `consultation-draft ${location.pathname} ${action} ${index}`;
    const hadNoValidate = form.noValidate;
    const handlers = new AbortController();
    const status = make("p", { class: "consultation-status", role: "status", "aria-live": "polite" });
    const undo = new Map(); // by field: how to remove its error
    let box = null;
    let sending = false;
    let sent = false;

    const listen = (target, type, handle) => target.addEventListener(type, handle, { signal: handlers.signal });
    const controls = () => [...form.elements].filter((each) => each.matches("input, select, textarea") && each.name);
    const hidden = (name) => controls().filter((each) => each.name === name && each.type === "hidden");
    const visible = (name) => controls().filter((each) => each.name === name && each.type !== "hidden");

    const hiddenInput = (name, value) => {
      let [input] = hidden(name);
      if (!input) form.append(input = make("input", { type: "hidden", name }));
      input.value = value;
      return input;
    };
    const id = hiddenInput("submission_id", newId());
    const renderedAt = hiddenInput("rendered_at", Date.now());

    // --- The draft: it keeps what was typed through a reload or a crash, in this tab only.

    // "leave_empty" is the trap for bots.
    const draftable = () => controls().filter((each) => !NOT_DRAFTED.includes(each.type) && each.name !== "leave_empty");

    const values = (control) => {
      if (isBox(control)) return control.checked ? [control.value] : [];
      return control.options ? [...control.selectedOptions].map((option) => option.value) : [control.value];
    };

    const untouched = (control) => {
      if (isBox(control)) return visible(control.name).every((each) => each.checked === each.defaultChecked);
      if (!control.options) return control.value === control.defaultValue;
      const options = [...control.options];
      const marked = options.filter((option) => option.defaultSelected);
      const first = control.multiple ? [] : options.filter((option) => !option.disabled).slice(0, 1);
      return options.every((option) => option.selected === (marked.length ? marked : first).includes(option));
    };

    function typed() {
      const fields = Object.create(null);
      for (const control of draftable()) (fields[control.name] ??= []).push(...values(control));
      return fields;
    }

    function keepDraft(fields = typed()) {
      if (sent) return;
      const draft = { submission_id: id.value, rendered_at: Number(renderedAt.value), kept_at: Date.now(), fields };
      attempt(() => sessionStorage.setItem(draftKey, JSON.stringify(draft)));
    }

    function restoreDraft() {
      const draft = JSON.parse(sessionStorage.getItem(draftKey));
      if (!draft) return;
      if (!(Date.now() - draft.kept_at < DRAFT_LIVES)) { // the next person at a shared computer must not see it
        sessionStorage.removeItem(draftKey);
        return;
      }
      // Keep the id: if the form was sent before the reload, this is the same request, not a second one.
      if (/^[\w-]{16,64}$/.test(draft.submission_id)) id.value = draft.submission_id;
      if (draft.rendered_at <= Date.now()) renderedAt.value = draft.rendered_at; // a person must not seem too fast
      // Find the untouched controls before restoring any: setting a radio button changes its group.
      const free = new Set(draftable().filter(untouched));
      for (const control of draftable()) {
        const given = draft.fields[control.name] ?? [];
        const text = isBox(control) || control.options ? null : given.shift();
        if (!free.has(control)) continue;
        if (isBox(control)) control.checked = given.includes(control.value);
        else if (control.options) for (const option of control.options) option.selected = given.includes(option.value);
        else if (text !== undefined) control.value = text;
        if (!untouched(control)) control.dispatchEvent(new Event("change", { bubbles: true })); // for page scripts
      }
    }

    function fillTimeZone() {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      for (const control of controls().filter((each) => each.name === "time_zone" && !each.value)) {
        const offered = [...(control.options ?? [])].some((option) => option.value === zone);
        if (zone && (offered || ["hidden", "text"].includes(control.type))) control.value = zone;
      }
    }

    // --- What is sent.

    function collect() {
      const fields = Object.create(null);
      const files = new Set();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string") (fields[name] ??= []).push(value);
        else if (value.name || value.size) files.add(name); // an empty file field gives a file without a name
      }
      for (const [name, given] of Object.entries(fields)) {
        // A hidden "no" before the box for "yes" is there for forms without a script. A checked box wins.
        const preset = hidden(name).filter((each) => !each.matches(":disabled")).length;
        if (given.length > preset) given.splice(0, preset);
        fields[name] = given.length === 1 ? given[0] : given;
      }
      const query = new URLSearchParams(location.search);
      const context = [
        ["page", location.origin + location.pathname],
        ["referrer", document.referrer.split(/[?#]/, 1)[0]], // without the query, which may be private
        ...CAMPAIGN.map((name) => [name, query.get(name)]),
      ];
      for (const [name, value] of context) if (value) fields[name] ||= value;
      return { fields, files };
    }

    const inCrisis = (fields) =>
      [fields.in_crisis].flat().some((value) => YES.includes(String(value).trim().toLowerCase()));

    // --- What is shown.

    function clearProblems() {
      box?.remove();
      box = null;
      for (const takeAway of undo.values()) takeAway();
      undo.clear();
    }

    function showBox(parts, place) {
      box = make("div", { class: "consultation-problem", role: "alert", tabindex: "-1" }, ...parts);
      place(box);
      box.focus();
    }

    // Return the element that holds all buttons of a group and nothing else. It has the group's name.
    function groupOf(members) {
      const [first] = members;
      if (!members.every(isBox) || (members.length === 1 && first.type === "checkbox")) return null;
      const group = first.closest("fieldset, [role=radiogroup], [role=group]");
      const others = controls().some((each) => group?.contains(each) && each.name !== first.name);
      return group && form.contains(group) && !others ? group : null;
    }

    function labelOf(field, members, group) {
      const labeled = group ?? (members.length === 1 ? members[0] : null); // without a group, each label names one choice
      const named = document.getElementById(labeled?.getAttribute("aria-labelledby")?.split(" ")[0] ?? "");
      const source = named ?? labeled?.labels?.[0] ?? group?.querySelector("legend");
      const label = source ? source.cloneNode(true) : make("span", {});
      for (const extra of label.querySelectorAll("input, select, textarea, .hint, .optional, .error")) extra.remove();
      const text = label.textContent.replace(/\s+/g, " ").replace(/[\s:*.]+$/, "").trim();
      return text || labeled?.getAttribute("aria-label") || asWords(field);
    }

    const described = (element, change) => {
      const ids = change((element.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean));
      if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
      else element.removeAttribute("aria-describedby");
    };

    // Put a message beside its field. Return a link to the field for the summary, or its name if it is not in the form.
    function showProblem(field, message) {
      const members = visible(field);
      if (!members.length) return make("span", {}, asWords(field));
      const [first] = members;
      const group = groupOf(members);
      const wrapper = first.closest(`[data-field="${CSS.escape(field)}"]`);
      let noteId = `${field}-error`;
      while (document.getElementById(noteId)) noteId += "-2"; // another form on the page has this field too
      const note = make("p", { class: "error", id: noteId }, message);
      // Below the label, legend or hint and above the control. Not in a label, or it would become part of it.
      const home = [group, wrapper].find((each) => each && each !== first && !each.matches("label"));
      let spot = home ? first : first.closest("label") ?? first;
      while (home && spot.parentElement !== home) spot = spot.parentElement;
      spot.before(note);
      const targets = group ? [group] : members;
      for (const target of targets) described(target, (ids) => [noteId, ...ids]);
      for (const control of members) control.setAttribute("aria-invalid", "true");
      undo.set(field, () => {
        note.remove();
        for (const target of targets) described(target, (ids) => ids.filter((each) => each !== noteId));
        for (const control of members) control.removeAttribute("aria-invalid");
      });
      for (let folded = first.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
      first.id ||= `consultation-${index}-${field}`;
      const link = make("a", { href: `#${first.id}` }, labelOf(field, members, group));
      listen(link, "click", (event) => {
        event.preventDefault(); // keep the page's address
        (note.isConnected ? note : first).scrollIntoView({ block: "center" });
        (members.find((each) => each.checked) ?? first).focus({ preventScroll: true });
      });
      return link;
    }

    function showRejected(answer, urgent, help) {
      const list = make("ul", {});
      for (const { field, detail } of answer.errors) {
        if (undo.has(field)) continue;
        const name = showProblem(field, detail);
        list.append(make("li", {}, name, name.textContent.endsWith("?") ? ` ${detail}` : `: ${detail}`));
      }
      const parts = [make("h2", {}, answer.title), make("p", {}, answer.detail), list];
      showBox(withHelp(urgent, help, parts), (element) => form.prepend(element));
    }

    function showFailure({ reply, passing, doubtful, answered }, urgent, help) {
      const { title, detail } = doubtful ? {} : reply.answer; // the last answer says nothing about earlier tries
      const again = passing || doubtful;
      const next = detail ?? (again ? null : WORDS.call_clinic);
      const parts = [
        make("h2", {}, title ?? (doubtful ? WORDS.maybe_not_sent : WORDS.not_sent)),
        next && make("p", {}, next),
        make("p", {}, again ? `${WORDS.nothing_lost} ${WORDS.send_again}` : WORDS.nothing_lost),
      ];
      if (!answered) {
        // Perhaps the API's list of origins or a blocker stops only scripts. A plain form may still work.
        console.warn(fill(WORDS.no_answer, { url: action, origin: location.origin }).join(""));
        const plainly = make("button", { type: "button", class: "consultation-plainly" }, WORDS.other_way_button);
        listen(plainly, "click", sendPlainly);
        parts.push(make("p", {}, ...fill(WORDS.other_way, { button: plainly })));
      }
      showBox(withHelp(urgent, help, parts), (element) => status.before(element));
    }

    function showThanks(answer, urgent, help) {
      const parts = [make("h2", {}, WORDS.thanks)];
      if (typeof answer.reference === "string") {
        const reference = make("strong", { class: "reference" }, answer.reference);
        parts.push(make("p", {}, ...fill(WORDS.reference, { reference })));
      }
      parts.push(make("p", {}, urgent ? WORDS.urgent_next : WORDS.next));
      const panel = make("div", { class: "consultation-thanks", role: "status", tabindex: "-1" },
        ...withHelp(urgent, help, parts));
      form.before(panel);
      form.hidden = true;
      form.style.setProperty("display", "none", "important"); // a site's "form { display: grid }" overrides `hidden`
      panel.focus();
      sent = true;
      // Leave nothing to send again, neither after a reload nor when Back restores this page from memory.
      attempt(() => HTMLFormElement.prototype.reset.call(form));
      attempt(() => sessionStorage.removeItem(draftKey));
      id.value = newId();
      // Go to the clinic's own thank-you page, if it has one. The panel is there until then, and after Back.
      const next = typeof answer.thank_you_page === "string" && attempt(() => new URL(answer.thank_you_page));
      if (next && /^https?:$/.test(next.protocol) && !urgent) location.assign(next.href);
    }

    // --- Sending.

    // The status line and the box stay active: screen readers skip inert elements.
    function freeze(on) {
      if (on) form.setAttribute("aria-busy", "true");
      else form.removeAttribute("aria-busy");
      for (const child of form.children) if (child !== status && child !== box) child.inert = on;
    }

    async function send() {
      clearProblems();
      const { fields, files } = collect();
      const urgent = inCrisis(fields);
      if (files.size) {
        const errors = [...files].map((field) => ({ field, detail: WORDS.no_files_field }));
        showRejected({ title: WORDS.no_files, detail: WORDS.no_files_detail, errors }, urgent, HELP);
        return;
      }
      keepDraft();
      if (urgent) showBox(withHelp(true, HELP, []), (element) => status.before(element)); // before the API answers
      status.textContent = WORDS.sending;
      freeze(true); // because anything typed now would not be sent
      const outcome = await deliver(action, fields, {
        onRetry: (number) => { status.textContent = fill(WORDS.retrying, { number, tries: TRIES }).join(""); },
        renewId: () => {
          id.value = newId();
          keepDraft();
          return id.value;
        },
      });
      status.textContent = "";
      freeze(false);
      clearProblems();
      const { status: code, answer = {} } = outcome.reply ?? {};
      const help = { ...HELP, ...answer.help };
      if (code === 201) {
        showThanks(answer, urgent, help);
        return;
      }
      // A token works for one request. Keep it unless this one was refused: with another token, a request that was
      // stored after all would become a second one.
      if (code >= 400 && code < 500) attempt(() => window.turnstile?.reset(form.querySelector(".cf-turnstile")));
      if (code === 422 && Array.isArray(answer.errors)) showRejected(answer, urgent, help);
      else showFailure(outcome, urgent, help);
    }

    // Restore the form, but keep its submission id. If it is then sent as a plain form, it is still the same request.
    function release() {
      handlers.abort();
      clearProblems();
      status.remove();
      freeze(false);
      form.noValidate = hadNoValidate;
      form.removeAttribute("data-consultation-ready");
    }

    function sendPlainly() {
      keepDraft({}); // we will not know whether it arrived: drop the words, keep the id for another try
      release();
      HTMLFormElement.prototype.submit.call(form); // a field may be named "submit"
    }

    try {
      attempt(restoreDraft);
      attempt(fillTimeZone);
      // A site's policy may block the style that hides the trap. People must not fill it in.
      for (const trap of form.querySelectorAll(".trap")) trap.style.setProperty("display", "none");
      form.append(status); // now, while it is empty: otherwise screen readers skip its first words
      listen(form, "submit", (event) => {
        if (event.defaultPrevented) return; // the page's own script stopped the form
        event.preventDefault();
        if (sending) return;
        sending = true;
        send().catch(() => { if (!sent) sendPlainly(); }).finally(() => { sending = false; });
      });
      // On the document, because controls outside the form may belong to it.
      listen(document, "input", ({ target }) => {
        if (target.form !== form) return;
        undo.get(target.name)?.();
        undo.delete(target.name);
        keepDraft();
      });
      listen(document, "change", ({ target }) => { if (target.form === form) keepDraft(); });
      form.noValidate = true; // all messages come from the API
      form.setAttribute("data-consultation-ready", "");
    } catch {
      release();
    }
  }

  function start() {
    const needed = [window.fetch, window.FormData, window.AbortController, window.crypto?.getRandomValues];
    if (!needed.every(Boolean)) return;
    const forms = document.querySelectorAll("form[data-consultation-form]:not([data-consultation-ready])");
    forms.forEach((form, index) => attempt(() => enhance(form, index)));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
