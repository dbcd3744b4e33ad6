// HTML made of texts that come from anywhere: everything is escaped but what this program writes itself.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::audit {

// For the content of elements and for attributes in double quotes. What is not harmless (runtime::first_character)
// becomes U+FFFD, but for line feeds and tabs: HTML has no spelling for control characters
// (https://html.spec.whatwg.org/#text-2), and its text is to be read as it is written.
std::string escaped_html(std::string_view text);

class Html {
 public:
  // A text, escaped.
  Html& text(std::string_view content);
  // An element with a text in it: <p class="why">…</p>. `classes` may be empty.
  Html& element(std::string_view name, std::string_view content, std::string_view classes = {});
  Html& open(std::string_view name, std::string_view classes = {});
  Html& close(std::string_view name);
  // A link to a file beside the page, named by its path.
  Html& link(const std::string& path, std::string_view content);
  // Two columns: what, and how it is; a row whose second text is empty is left out.
  struct Fact {
    std::string name, value;
    bool is_code = false;  // digests and such, to be compared letter by letter
  };
  Html& facts(const std::vector<Fact>& rows);
  // A table's rows, escaped, under its headings. Nothing at all when there is no row.
  Html& table(std::initializer_list<std::string_view> headings, const std::vector<std::vector<std::string>>& rows);
  // As it is: what this program has written.
  Html& raw(std::string_view html);
  std::string take() && { return std::move(html_); }

 private:
  std::string html_;
};

}  // namespace penstock::audit
