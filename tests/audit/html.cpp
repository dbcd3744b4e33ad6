// Whatever text comes, the page's structure is this program's own.
#include "daemon/audit/html.hpp"

#include "tests/catch.hpp"

using namespace penstock::audit;

TEST_CASE("every character that HTML reads as its own is escaped, and what has no spelling is replaced") {
  CHECK(escaped_html("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
  CHECK(escaped_html("zwölf\n\tx") == "zwölf\n\tx");
  CHECK(escaped_html(std::string("\0\x1b\x7f", 3)) == "\uFFFD\uFFFD\uFFFD");
  CHECK(escaped_html("\xff<") == "\uFFFD&lt;");
  CHECK(escaped_html("z\u00e4h\xff") == "z\u00e4h\uFFFD");
}

TEST_CASE("what hides how a text is written is shown as something that is hidden") {
  CHECK(escaped_html("PASSED\u202e not\u2066") == "PASSED\uFFFD not\uFFFD");
  CHECK(escaped_html("\xc2\x9b[m") == "\uFFFD[m");
}

TEST_CASE("no text closes an element or an attribute") {
  Html page;
  page.element("p", "</p><script>", "\"x").link("a\"b", "<i>");
  page.facts({{"<dt>", "</dd>"}, {"left out", ""}}).table({"<th>"}, {{"</td>"}});
  const auto html = std::move(page).take();
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("<p class=\"&quot;x\">&lt;/p&gt;") != std::string::npos);
  CHECK(html.find("<a href=\"a&quot;b\">&lt;i&gt;</a>") != std::string::npos);
  CHECK(html.find("left out") == std::string::npos);
  CHECK(html.find("<td>&lt;/td&gt;</td>") != std::string::npos);
}

TEST_CASE("a table without rows is no table") {
  Html page;
  page.table({"a"}, {});
  CHECK(std::move(page).take().empty());
}
