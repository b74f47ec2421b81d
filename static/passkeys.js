// Passkeys: asks the browser for one, puts its answer into the form and sends it. Without script the form stays hidden.
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const make = form.dataset.passkey === "create";
  const read = window.PublicKeyCredential &&
    PublicKeyCredential[make ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON"];
  if (!read) continue;
  const words = form.querySelector("[role=alert]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    words.hidden = true;
    try {
      const publicKey = read.call(PublicKeyCredential, JSON.parse(form.dataset.options));
      const answer = await navigator.credentials[make ? "create" : "get"]({ publicKey });
      form.elements.credential.value = JSON.stringify(answer.toJSON());
      form.submit();
    } catch {
      words.textContent = form.dataset.failed;
      words.hidden = false;
    }
  });
}
