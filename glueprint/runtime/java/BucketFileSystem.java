package glueprint;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * The directories of buckets, with owner and permissions as Hadoop's S3 file systems report them: the user who runs
 * Spark, and everything permitted. RawLocalFileSystem, without its native library, starts a process (ls, chmod) to
 * read or set those of each file.
 */
public class BucketFileSystem extends RawLocalFileSystem {

    private static final FsPermission OF_FILES = new FsPermission((short) 0666);
    private static final FsPermission OF_DIRECTORIES = new FsPermission((short) 0777);

    private String user;

    @Override
    public void initialize(URI uri, Configuration configuration) throws IOException {
        super.initialize(uri, configuration);
        user = UserGroupInformation.getCurrentUser().getShortUserName();
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        File file = pathToFile(path);
        BasicFileAttributes found;
        try {
            found = Files.readAttributes(file.toPath(), BasicFileAttributes.class);
        } catch (IOException error) {
            if (file.exists()) {
                throw error;
            }
            throw new FileNotFoundException("File " + path + " does not exist");
        }
        boolean directory = found.isDirectory();
        return new FileStatus(
            directory ? 0 : found.size(), directory, 1, getDefaultBlockSize(path), found.lastModifiedTime().toMillis(),
            found.lastAccessTime().toMillis(), directory ? OF_DIRECTORIES : OF_FILES, user, user,
            makeQualified(new Path(file.getPath())));
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        return pathToFile(path).isFile() ? new FileStatus[] {getFileStatus(path)} : super.listStatus(path);
    }

    @Override
    public FileStatus getFileLinkStatus(Path path) throws IOException {
        return getFileStatus(path);
    }

    @Override
    public void setPermission(Path path, FsPermission permission) {
        // The process's umask decides, as for all files of the data directory.
    }

    @Override
    public void setOwner(Path path, String owner, String group) {
        // Objects have none.
    }
}
